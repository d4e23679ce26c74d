package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// compound are the common family names of two characters.
var compound = []string{"欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "令狐", "慕容", "司徒", "夏侯", "轩辕", "长孙", "宇文", "端木", "南宫", "百里"}

// FamilyName is the family name of a Chinese name (欧阳晓梅: 欧阳), the first word of
// any other, "" of none.
func FamilyName(name string) string {
	for _, two := range compound {
		if strings.HasPrefix(name, two) {
			return two
		}
	}
	if r, _ := utf8.DecodeRuneInString(name); unicode.Is(unicode.Han, r) {
		return string(r)
	}
	first, _, _ := strings.Cut(name, " ")
	return first
}
