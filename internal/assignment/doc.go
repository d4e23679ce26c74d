// Package assignment is a volunteer's part in a request: offered, taken, served
// between a check-in and a check-out, reported, and vouched for by the social
// worker who leads. A fence number moves on whenever the assignment changes hands,
// so that an action noted offline comes too late with both values told. The rule
// it keeps: time counts only when somebody else has vouched for it.
package assignment
