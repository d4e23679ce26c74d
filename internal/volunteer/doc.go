// Package volunteer is community volunteers: who they are, what they can do, where
// they serve, and whether they may meet minors. Under 18 a guardian consents. The
// rule it keeps: a name and its number belong to the person and can be erased; a
// clearance for minors ends by itself after a year.
package volunteer
