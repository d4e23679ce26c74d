package text

import (
	"slices"
	"strings"
)

// maxInitials is the most letters that are read as initials although they spell
// syllables: lan may be 路安宁, shan only 山.
const maxInitials = 3

// Query is a search text, read once and asked of many texts. White space and
// punctuation in it stand for anything: "路南 社工站" is in 路南区学院南路街道社工站.
// It is immutable and safe for concurrent use.
type Query struct {
	words  []word
	terms  []string
	folded string
	names  bool
}

// word is what stands together in the text.
type word []piece

// piece is a stretch of a word: letters a to z, or anything else.
type piece struct {
	chars               []rune
	latin               string // chars as ASCII; "" of anything else
	initials, syllables bool   // how Latin letters may be read
	tone                bool   // begins with a digit that may be the tone of the piece in front
}

// NameQuery reads a search for names: Latin letters find what stands there as well as
// Chinese characters by pinyin, whole syllables of which the last may be a beginning
// (laoting, laot) or initials (lt), with ü as v, u or ü; tones are read and not weighed.
func NameQuery(s string) Query {
	q := Query{folded: toneless(Fold(s)), names: true}
	runs := q.runs()
	alone := len(runs) == 1 && len(runs[0]) == 1 // one letter would find half of all names
	for _, run := range runs {
		w := cut(run)
		for i := range w {
			w[i].understand(i > 0, alone)
			q.terms = append(q.terms, w[i].terms(alone)...)
		}
		q.words = append(q.words, w)
	}
	q.bound()
	return q
}

// ProseQuery reads a search for running text, which is found by what stands there only.
func ProseQuery(s string) Query {
	q := Query{folded: Fold(s)}
	for _, run := range q.runs() {
		q.words = append(q.words, word{{chars: []rune(run)}})
		q.terms = append(q.terms, QueryTerms(run)...)
	}
	q.bound()
	return q
}

func (q *Query) runs() (runs []string) {
	eachRun(q.folded, func(run string) { runs = append(runs, run) })
	return runs
}

func (q *Query) bound() {
	q.terms = distinct(q.terms)
	q.terms = q.terms[:min(len(q.terms), MaxQueryTerms)]
}

// Terms are what all texts that the query finds have in their index terms: NameTerms
// for a NameQuery, Terms for a ProseQuery; distinct, in ascending order, at most
// MaxQueryTerms. Without any the query finds nothing.
func (q Query) Terms() []string { return q.terms }

// cut parts the Latin letters of a run from the rest.
func cut(run string) (w word) {
	start, latin := 0, false
	flush := func(end int) {
		if start == end {
			return
		}
		p := piece{chars: []rune(run[start:end])}
		if latin {
			p.latin = run[start:end]
		}
		w, start = append(w, p), end
	}
	for at, r := range run {
		if isLatin(r) != latin {
			flush(at)
			latin = !latin
		}
	}
	flush(len(run))
	return w
}

// understand finds out how a piece may be read.
func (p *piece) understand(follows, alone bool) {
	if p.latin == "" {
		p.tone = follows && '1' <= p.chars[0] && p.chars[0] <= '5'
		return
	}
	if alone {
		return
	}
	p.syllables = len(borders(p.latin)) > 0
	p.initials = (!p.syllables || len(p.latin) <= maxInitials) && !strings.ContainsAny(p.latin, "iuv")
}

// terms are those common to all the ways in which a piece may be read.
func (p *piece) terms(alone bool) []string {
	switch {
	case p.latin == "":
		chars := p.chars
		if p.tone {
			chars = chars[1:]
		}
		return QueryTerms(string(chars))
	case alone:
		return []string{p.latin}
	case len(p.latin) < shortGram:
		return nil
	case p.initials && p.syllables:
		return []string{p.latin[:shortGram]}
	case p.syllables:
		return grams(p.latin, borders(p.latin))
	case p.initials || len(p.latin) < longGram:
		return appendGrams(nil, p.latin, shortGram)
	}
	return appendGrams(nil, p.latin, longGram)
}

// grams are the letters behind each border.
func grams(latin string, borders []int) (out []string) {
	for _, at := range borders {
		if n := len(latin) - at; n >= longGram {
			out = append(out, latin[at:at+longGram])
		} else if n >= shortGram {
			out = append(out, latin[at:at+shortGram])
		}
	}
	return out
}

// borders are where a syllable begins in whatever way the letters are cut into
// syllables, the last of which may be a beginning; none if they cannot be cut.
func borders(latin string) (out []int) {
	n, s := len(latin), spelled()
	if n > maxSpelled*2 {
		return []int{0} // the ways would be too many to count, and nobody types so much
	}
	ends := func(i, j int) bool { return s.valid[latin[i:j]] || j == n && s.begin[latin[i:]] }
	before, behind := make([]uint64, n+1), make([]uint64, n+1) // ways to get here, and from here to the end
	before[0], behind[n] = 1, 1
	for j := 1; j <= n; j++ {
		for i := max(0, j-maxSyllable); i < j; i++ {
			if before[i] > 0 && ends(i, j) {
				before[j] += before[i]
			}
		}
	}
	for i := n - 1; i >= 0; i-- {
		for j := i + 1; j <= min(n, i+maxSyllable); j++ {
			if behind[j] > 0 && ends(i, j) {
				behind[i] += behind[j]
			}
		}
	}
	for i := range n {
		if behind[0] > 0 && before[i]*behind[i] == behind[0] {
			out = append(out, i)
		}
	}
	return out
}

// In reports whether a text contains the query: all its words, in this order.
func (q Query) In(s string) bool {
	if len(q.words) == 0 {
		return false
	}
	folded := Fold(s)
	if q.names {
		folded = toneless(folded)
	}
	if strings.Contains(folded, q.folded) {
		return true
	}
	if !q.names {
		return q.inOrder(folded)
	}
	name := reader{chars: []rune(folded)}
	if slices.ContainsFunc(q.words, word.spelled) {
		spoken := name.chars[:min(len(name.chars), maxSpelled, spoken(folded))]
		name.readings = spelled().read(spoken)
	}
	at := 0
	for _, w := range q.words {
		if at = name.find(w, at); at < 0 {
			return false
		}
	}
	return true
}

func (q Query) inOrder(folded string) bool {
	for _, w := range q.words {
		literal := string(w[0].chars)
		at := strings.Index(folded, literal)
		if at < 0 {
			return false
		}
		folded = folded[at+len(literal):]
	}
	return true
}

func (w word) spelled() bool {
	return slices.ContainsFunc(w, func(p piece) bool { return p.initials || p.syllables })
}
