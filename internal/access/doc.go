// Package access decides who sees which rows (a rule), which cells of them (a
// mask) and who may do what (an action). A rule is built from an actor's grants as
// branches over the access header; the same branches are pushed down into
// queries, checked on single objects and evaluated on the routing fields of live
// events. The rule it keeps: deny by default, know no noun's package, and answer
// a hidden thing exactly like one that does not exist.
package access
