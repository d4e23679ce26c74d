package text

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

//go:embed data/simplified.txt
var pairs string

// Fold returns the form in which texts are compared: Unicode NFKC (full-width
// becomes half-width), lower case, traditional Chinese characters simplified,
// invisible format characters dropped, runs of white space made one space and
// trimmed. Folding twice changes nothing. A text contains a query for search
// exactly if strings.Contains(Fold(text), Fold(query)).
func Fold(s string) string {
	s = norm.NFKC.String(s)
	// Lower case can undo a normal form, a simplified character never does.
	return strings.Join(strings.Fields(norm.NFKC.String(strings.Map(foldRune, s))), " ")
}

func foldRune(r rune) rune {
	if r < unicode.MaxASCII {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}
	if isHan(r) {
		return simplify(r)
	}
	if unicode.Is(unicode.Cf, r) {
		return -1
	}
	return unicode.ToLower(r)
}

// isHan spares Chinese characters, most of what is folded, the look-ups for
// case and format: the unified ideographs, extension A, the planes 2 and 3.
func isHan(r rune) bool {
	return 0x3400 <= r && r <= 0x9fff || 0x20000 <= r && r <= 0x3ffff
}

// simplify returns the simplified form of a traditional character, any other
// rune as it is.
func simplify(r rune) rune {
	table := simplified()
	if page := int(r >> 8); page < len(table) && table[page] != nil {
		if to := table[page][r&0xff]; to != 0 {
			return to
		}
	}
	return r
}

// pages holds the table by the upper bits of the character: two loads instead
// of a hash, because search folds every candidate of a page.
type pages [0x320]*[0x100]rune

var simplified = sync.OnceValue(func() *pages {
	table := new(pages)
	for line := range strings.Lines(pairs) {
		pair := []rune(line)
		from, to := pair[0], pair[1]
		page := table[from>>8]
		if page == nil {
			page = new([0x100]rune)
			table[from>>8] = page
		}
		page[from&0xff] = to
	}
	return table
})
