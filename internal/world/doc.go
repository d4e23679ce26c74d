// Package world is the demonstration world: a folder of CSV files about a street of
// Tangshan, loaded by the same importer as anybody's. Divisions are real;
// organisations, people and resources are invented and say so. The rule it keeps: no
// name, number or address of a real person or body stands in it.
package world
