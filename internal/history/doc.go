// Package history reads what happened to one object from the log: who did what,
// when, why, and which public fields changed. It knows nouns only by their name,
// id prefix and access rule. The rule it keeps: an entry shows no field that the
// reader's mask on the object as it is now would hide.
package history
