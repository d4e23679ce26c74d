// Package feed turns the log into live events: a hub reads the log after its last
// sequence, woken by the store's doorbell, and routes each entry by every
// subscriber's own rule on the entry's routing fields before and after. Resuming
// reads the same log under today's rights, so a missed ring, a slow hub or a
// restart loses nothing. The rule it keeps: rights are entries like all others and
// take effect in their sequence; after a revocation's sequence nothing is handed out.
package feed
