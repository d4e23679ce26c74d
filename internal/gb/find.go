package gb

import "strings"

// Kind says what was found in a text.
type Kind string

// The kinds.
const (
	KindCitizenID Kind = "CITIZEN_ID"
	KindMobile    Kind = "MOBILE"
)

// Span is a find in a text: text[Start:End] in bytes, and its mask.
type Span struct {
	Start, End int
	Kind       Kind
	// Mask is what may stand in its place: 130202********0016, 138****8000.
	Mask string
}

// FindCitizenIDs returns the ID numbers in a text, in order: 18 characters,
// half- or full-width, also with single spaces or hyphens between them, with a
// right check digit and a date of birth from 1800 to 2099. A number
// with a further digit directly before or after it is another, longer number
// and not found.
func FindCitizenIDs(text string) []Span {
	return find(text, matchCitizenID)
}

// FindPersonal returns the ID numbers and the mobile telephone numbers of the
// country in a text, in order. A mobile number has 11 digits, also written
// 3-4-4 and behind 86, +86 or 0086; the prefix is not part of the find.
func FindPersonal(text string) []Span {
	return find(text, matchCitizenID, matchMobile)
}

// MaskCitizenIDs returns the text with its ID numbers masked, and how many were.
func MaskCitizenIDs(text string) (string, int) {
	return mask(text, FindCitizenIDs(text))
}

// MaskPersonal returns the text with its ID and mobile numbers masked, and how
// many were.
func MaskPersonal(text string) (string, int) {
	return mask(text, FindPersonal(text))
}

func mask(text string, spans []Span) (string, int) {
	if len(spans) == 0 {
		return text, 0
	}
	var out strings.Builder
	last := 0
	for _, span := range spans {
		out.WriteString(text[last:span.Start])
		out.WriteString(span.Mask)
		last = span.End
	}
	out.WriteString(text[last:])
	return out.String(), len(spans)
}

// glyph is one character of a text: its place and what it can be in a number.
type glyph struct {
	at, end int
	char    byte // '0'–'9', 'X', separator or 0
}

const separator = '-'

// glyphs keeps bytes that are no UTF-8 as they are: they match nothing.
func glyphs(text string) []glyph {
	all := make([]glyph, 0, len(text))
	for at, r := range text {
		if n := len(all); n > 0 {
			all[n-1].end = at
		}
		all = append(all, glyph{at: at, end: len(text), char: charOf(r)})
	}
	return all
}

func charOf(r rune) byte {
	switch r = halfWidthUpper(r); {
	case r >= '0' && r <= '9', r == 'X':
		return byte(r)
	case r == ' ', r == '-', r == '\u00a0', r == '\u3000', r == '–', r == '—':
		return separator
	}
	return 0
}

func (g glyph) digit() bool { return g.char >= '0' && g.char <= '9' }

// matcher returns the find that begins at the first of some glyphs and how many
// glyphs it takes, 0 for none. What follows is its business, what comes before
// is not.
type matcher func(rest []glyph) (span Span, size int)

func find(text string, matchers ...matcher) []Span {
	all := glyphs(text)
	var found []Span
	for i := 0; i < len(all); i++ {
		if !all[i].digit() || i > 0 && all[i-1].digit() {
			continue
		}
		for _, match := range matchers {
			if span, size := match(all[i:]); size > 0 {
				found = append(found, span)
				i += size - 1
				break
			}
		}
	}
	return found
}

// collect takes want characters of a number with single separators between
// them, and reports how many glyphs that took. After it no digit may follow.
func collect(rest []glyph, want int, mayPart func(taken int) bool) (number []byte, size int) {
	number = make([]byte, 0, want)
	for i := 0; i < len(rest); i++ {
		switch g := rest[i]; {
		case g.digit(), g.char == 'X' && len(number) == want-1:
			number = append(number, g.char)
		case g.char == separator && mayPart(len(number)) && rest[i-1].char != separator:
			continue
		default:
			return nil, 0
		}
		if len(number) == want {
			if i+1 < len(rest) && rest[i+1].digit() {
				return nil, 0
			}
			return number, i + 1
		}
	}
	return nil, 0
}

func matchCitizenID(rest []glyph) (Span, int) {
	number, size := collect(rest, idLen, func(taken int) bool { return taken > 0 })
	if size == 0 || idCheck(string(number[:idLen-1])) != number[idLen-1] {
		return Span{}, 0
	}
	birth, ok := birthOf(string(number[6:14]))
	if !ok || birth.Year() > 2099 {
		return Span{}, 0
	}
	masked := CitizenID(number).Masked()
	return Span{Start: rest[0].at, End: rest[size-1].end, Kind: KindCitizenID, Mask: masked}, size
}

func matchMobile(rest []glyph) (Span, int) {
	prefix := countryPrefix(rest)
	number, size := collect(rest[prefix:], 11, func(taken int) bool { return taken == 3 || taken == 7 })
	if size == 0 || number[0] != '1' || number[1] < '3' || number[10] == 'X' {
		return Span{}, 0
	}
	masked := string(number[:3]) + "****" + string(number[7:])
	size += prefix
	return Span{Start: rest[prefix].at, End: rest[size-1].end, Kind: KindMobile, Mask: masked}, size
}

// countryPrefix returns how many glyphs 86 or 0086 and a separator take.
func countryPrefix(rest []glyph) int {
	for _, code := range []string{"0086", "86"} {
		if !begins(rest, code) {
			continue
		}
		size := len(code)
		if size < len(rest) && rest[size].char == separator {
			size++
		}
		return size
	}
	return 0
}

func begins(rest []glyph, code string) bool {
	if len(rest) < len(code) {
		return false
	}
	for i := range len(code) {
		if rest[i].char != code[i] {
			return false
		}
	}
	return true
}
