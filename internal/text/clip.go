package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// ellipsis marks a clipped text.
const ellipsis = '…'

// ValidUTF8 reports whether s may enter the platform: well-formed UTF-8 without
// NUL, at which C code below a store would cut the text.
func ValidUTF8(s string) bool {
	return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0
}

// Clip returns s if it has at most limit characters, otherwise its beginning
// with "…" as the last of at most limit characters. It cuts between
// characters, also beyond the basic plane, and never parts a combining mark or
// variation selector from its base. A limit below 1 gives "".
func Clip(s string, limit int) string {
	if limit < 1 {
		return ""
	}
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	runes := []rune(s)
	keep := limit - 1
	for keep > 0 && unicode.Is(unicode.M, runes[keep]) {
		keep--
	}
	return string(append(runes[:keep], ellipsis))
}
