// Package matching joins needs and supply: a proposal puts a resource to a need
// line with the reasons for it, the other side accepts, and acceptance holds the
// quantity in the same unit of work. It is the only package that knows both. The
// rule it keeps: hard rules decide whether, scores only in which order, and every
// proposal carries the policy that judged it.
package matching
