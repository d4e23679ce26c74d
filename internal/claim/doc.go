// Package claim is how a partner takes a need line upon itself before there is a proposal:
// the station grants the claim, it speaks for what it claims until that is given, and it
// ends by delivery, release or silence. The rule it keeps: what a claim has brought is read
// from the promises on its line, never told by anybody.
package claim
