// Package bench measures the platform as a whole: how soon it answers after its
// start, how far a commit is from a subscriber's screen, what a page among 100,000
// requests costs, how many may take from one resource at once. What concerns one
// part alone (the stores, access, accounts, the feed) is measured beside that part.
// The rule it keeps: every figure is a ratio to something measured in the same run,
// or has such a ratio beside it; a figure is never a test.
package bench
