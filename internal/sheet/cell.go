package sheet

import (
	"math/big"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/width"

	"github.com/fivesociety/linkage/internal/fault"
)

// failures are what a spreadsheet shows where a formula failed.
var failures = []string{"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"}

var (
	shortened = regexp.MustCompile(`^[0-9](\.[0-9]+)?E\+?[0-9]{2}$`)
	wholeReal = regexp.MustCompile(`^([0-9]{6,})\.0+$`) // a long number that a program wrote as a fraction
	starts    = regexp.MustCompile(`^[=+\-@\t\r＝＋－＠]`)
)

// settle is a cell as it was meant: full-width digits and numbers in the form of a
// spreadsheet become plain ones; an apostrophe says that the rest is meant as it
// stands. A number that has lost digits, and what a failed formula shows, is a problem.
func settle(cell string) (text string, code fault.Code, zh, en string) {
	text = strings.TrimSpace(cell)
	if text == "" {
		return "", "", "", ""
	}
	if rest := strings.TrimLeft(text, "'"); len(rest) < len(text) {
		if delicate(rest) {
			text = text[1:]
		}
		return text, "", "", ""
	}
	return meant(text)
}

func meant(text string) (_ string, code fault.Code, zh, en string) {
	switch text = plain(text); {
	case text[0] > unicode.MaxASCII:
	case slices.Contains(failures, text):
		return "", fault.CodeInvalid, "公式出错：" + text + "，请改为内容本身。", "The formula failed: " + text + "; put the content itself."
	case shortened.MatchString(text):
		if whole, ok := expand(text); ok {
			return whole, "", "", ""
		}
		return "", fault.CodeInvalid, "数字被表格软件缩写为 " + text + "，已丢失位数；请把这一列设为“文本”格式再填写。",
			"The spreadsheet has shortened the number to " + text + "; format the column as text and enter it again."
	case wholeReal.MatchString(text):
		return wholeReal.FindStringSubmatch(text)[1], "", "", ""
	}
	return text, "", "", ""
}

// delicate reports whether a text, written as it is, would run as a formula or be
// read as another.
func delicate(text string) bool {
	if text == "" || starts.MatchString(text) {
		return text != ""
	}
	read, code, _, _ := meant(text)
	return code != "" || read != text
}

// plain folds full-width digits and signs in a cell that has no words.
func plain(cell string) string {
	if !strings.ContainsFunc(cell, func(r rune) bool { return r >= '０' && r <= '９' }) || strings.ContainsFunc(cell, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		return cell
	}
	return width.Fold.String(cell)
}

// expand writes 1.3800000031E10 out; not ok when digits are missing.
func expand(short string) (string, bool) {
	mantissa, _, _ := strings.Cut(strings.ToLower(short), "e")
	n, _, err := big.ParseFloat(short, 10, 256, big.ToNearestEven)
	if err != nil || !n.IsInt() {
		return "", false
	}
	whole := n.Text('f', 0)
	return whole, len(strings.ReplaceAll(mantissa, ".", "")) >= len(whole)
}

// escape puts an apostrophe in front of what is delicate. settle takes it away.
func escape(text string) string {
	if delicate(strings.TrimLeft(text, "'")) {
		return "'" + text
	}
	return text
}
