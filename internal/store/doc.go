// Package store is the one port between the platform and its engines. A noun
// declares a Spec (fields, indexes, the closed set of its queries) and gets a
// Collection; units of work gather reads and writes, and one committer a
// process puts queued units into one durable commit together with their log
// entries. Adapters see ids, revisions, declared values and BSON bodies, and
// know no noun. The rule it keeps: no server transaction is open while
// application code runs, and every engine answers alike.
package store
