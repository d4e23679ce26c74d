package sheet

import (
	"fmt"
	"strings"

	"github.com/fivesociety/linkage/internal/fault"
)

// Problem is one thing wrong in a file, told in both languages.
type Problem struct {
	File   string
	Row    int    // as the spreadsheet numbers it, the header being 1; 0 for the file as a whole
	Column string // the header as the file has it; "" for the row as a whole
	Code   fault.Code
	Zh, En string
}

// Message is the problem in a language, "en" or Chinese, with its place in front:
// volunteers.csv, 第 3 行, “出生日期”: …
func (p Problem) Message(locale string) string {
	english := strings.HasPrefix(strings.ToLower(locale), "en")
	place := p.File
	if p.Row > 0 {
		place += pick(english, fmt.Sprintf("，第 %d 行", p.Row), fmt.Sprintf(", row %d", p.Row))
	}
	if p.Column != "" {
		place += pick(english, "，“"+p.Column+"”列", fmt.Sprintf(", column %q", p.Column))
	}
	return place + pick(english, "："+p.Zh, ": "+p.En) + " [" + string(p.Code) + "]"
}

func pick(english bool, zh, en string) string {
	if english {
		return en
	}
	return zh
}
