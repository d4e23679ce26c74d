// Package conflict is who must not meet a recipient (回避): a relative, the employer, the
// person complained of and their household. A station's people enter it for a person or for
// one request, with a reason, and lift it again. The rule it keeps: a request's list of the
// barred is at every commit what the conflicts in force say, so that it holds at once
// wherever a need is shown, and nobody who is named here can read that they are.
package conflict
