// Package offer is the word that an owner gives beforehand (供给): so much of a resource, each
// time, for needs in these divisions, until then, without being asked again. Once another
// pair of eyes at the station has published it, the platform proposes by itself what the
// owner would otherwise propose by hand, with the owner's rights and no more. The rule it
// keeps: of one occurrence never more is proposed and promised than the offer says.
package offer
