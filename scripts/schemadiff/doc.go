// Command schemadiff compares the GraphQL schema with that of the last release
// (the newest tag v* behind HEAD) and fails when a client of that release could
// break: something is gone, or means another type, or demands more than before.
//
// The rule it keeps: the schema only grows; what goes was deprecated for a
// release, and goes with a new major version.
package main
