// Package mongod starts real MongoDB replica sets for tests: it finds a mongod
// (or fetches one that is pinned by its hash), runs one or more members on the
// loopback interface, and tells when a primary answers. A Set that a process
// starts itself dies with that process; a shared set is kept by a keeper
// process, found through .cache/mongod, and ended when nobody holds its lease.
//
// The rule it keeps: it ends only processes that it started, and it never
// leaves one behind.
package mongod
