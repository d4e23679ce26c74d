// Package recipient is the people who are served, and their consents. Everything
// about a person stands in one personal part, which can be erased without the log
// falling silent; ids and codes tell nothing. The rule it keeps: a person's class
// only ever lifts that of their requests, and an erased person stays erased.
package recipient
