// Package allocation is one primitive for every kind of resource: hold → commit →
// dispatch → deliver → settle, or released. The resource's row carries the holds,
// the request's need line carries the promises, and both change in one unit of
// work, so that two acceptances can never take the same stock. The rule it keeps:
// nothing is promised that is not held, and a lapsed hold holds nothing.
package allocation
