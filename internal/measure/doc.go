// Package measure is quantities, units and windows of time: whole numbers in base
// units, never floating point. A quantity of one unit never meets another without
// an error. The rule it keeps: what can't be counted exactly is not a Quantity.
package measure
