package text

import (
	"slices"
	"unicode"
	"unicode/utf8"
)

// MaxQueryTerms bounds what QueryTerms asks of an index: beyond it more terms
// no longer pay, and the substring check decides anyhow.
const MaxQueryTerms = 32

// Terms returns the index terms of a text, distinct and in ascending order: of
// each run of letters and digits in Fold(s), Han or not, every character and
// every pair of neighbours. Latin words and numbers are cut like Chinese ones,
// because a query may begin inside a word. A term holds no white space and no
// punctuation, so that terms may be joined with spaces. A term may lie outside
// the basic plane.
func Terms(s string) []string {
	folded := Fold(s)
	found := make([]string, 0, 2*utf8.RuneCountInString(folded))
	eachRun(folded, func(run string) {
		for at, size := 0, 0; at < len(run); at += size {
			_, size = utf8.DecodeRuneInString(run[at:])
			found = append(found, run[at:at+size])
		}
		found = appendPairs(found, run)
	})
	return distinct(found)
}

// QueryTerms returns terms that a text must all have in Terms to contain s
// after folding, distinct, in ascending order, at most MaxQueryTerms: the pairs
// of each run, or the character of a run of one. It is empty if s holds no
// letter and no digit; then no index helps.
func QueryTerms(s string) []string {
	var found []string
	eachRun(Fold(s), func(run string) {
		if _, size := utf8.DecodeRuneInString(run); size == len(run) {
			found = append(found, run)
			return
		}
		found = appendPairs(found, run)
	})
	found = distinct(found)
	return found[:min(len(found), MaxQueryTerms)]
}

// appendPairs appends each two neighbouring characters of a run.
func appendPairs(found []string, run string) []string {
	_, size := utf8.DecodeRuneInString(run)
	for start, end := 0, size; end < len(run); {
		_, next := utf8.DecodeRuneInString(run[end:])
		found = append(found, run[start:end+next])
		start, end = end, end+next
	}
	return found
}

// eachRun calls visit with every longest run of term characters.
func eachRun(folded string, visit func(run string)) {
	start := -1
	for at, r := range folded {
		switch inside := isTerm(r); {
		case inside && start < 0:
			start = at
		case !inside && start >= 0:
			visit(folded[start:at])
			start = -1
		}
	}
	if start >= 0 {
		visit(folded[start:])
	}
}

// isTerm accepts letters and digits of every script, and private-use
// characters, with which some official place names are written.
func isTerm(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.Co, r)
}

func distinct(terms []string) []string {
	slices.Sort(terms)
	return slices.Compact(terms)
}
