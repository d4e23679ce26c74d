// Package planning puts all supply to all needs at once: which supply gives how much to
// which line, so that together they cover most, the urgent first, and then fit best.
//
// It knows no noun. A problem is relaxed to a flow of least cost, whose optimum bounds
// what any plan can be worth; what the flow does not know (the least that is given at
// once, one thing at a time) is mended by branch and bound. The rules it keeps: a plan
// is always one that can be carried out, it is never worth less than what taking the best
// fit line by line would give, it says how much better a plan could be at most, and equal
// problems have equal plans: the work is bounded by steps, not by the clock.
package planning
