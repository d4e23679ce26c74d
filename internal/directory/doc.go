// Package directory takes entries of the directory (communities, stations, people,
// what they offer) out of use and back again, each noun alike. It knows no noun's
// package: the platform says of each what hangs on it and what its rest is. The rule it
// keeps: what work hangs on is not retired, and what is restored is not back at work.
package directory
