package intake

import (
	"fmt"
	"strings"
	"sync"

	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/community"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/sheet"
	"github.com/fivesociety/linkage/internal/text"
)

// cells reads the cells of one row as what they mean and gathers what is wrong.
type cells struct {
	sheet.Row
	file     string
	run      *run
	problems []sheet.Problem
	orphan   bool // refers to a row that has problems of its own

	credential *Credential // that the row's account will have
}

func (c *cells) wrong(column string, code fault.Code, zh, en string) {
	c.problems = append(c.problems, sheet.Problem{File: c.file, Row: c.Number, Column: c.Head(column), Code: code, Zh: zh, En: en})
}

// opt is a text, nil when the cell is empty.
func (c *cells) opt(column string) *string {
	if s := c.Text(column); s != "" {
		return &s
	}
	return nil
}

// word is one value of a closed set, with the words that mean it.
type word struct {
	value string
	also  []string
}

// choice is the value that a cell's word means; otherwise when the cell is empty.
func (c *cells) choice(column, otherwise string, words []word) string {
	given := c.Text(column)
	if given == "" {
		return otherwise
	}
	var all []string
	folded := text.Fold(given)
	for _, w := range words {
		for _, s := range append([]string{w.value}, w.also...) {
			if s == given || text.Fold(s) == folded {
				return w.value
			}
		}
		all = append(all, strings.Join(append([]string{w.value}, w.also[:min(1, len(w.also))]...), " "))
	}
	list := strings.Join(all, ", ")
	c.wrong(column, fault.CodeInvalid, fmt.Sprintf("“%s”不在可选值中：%s。", given, list), fmt.Sprintf("%q is not one of: %s.", given, list))
	return ""
}

// code is an entry of a code list, given by id or by its label in either language.
func (c *cells) code(column string, list codes.List) string {
	return c.entry(column, list, c.Text(column))
}

// optCode is code, nil when the cell is empty.
func (c *cells) optCode(column string, list codes.List) *string {
	if s := c.code(column, list); s != "" {
		return &s
	}
	return nil
}

// codes are several entries, parted by semicolons or 、.
func (c *cells) codes(column string, list codes.List) []string {
	var out []string
	for _, s := range parts(c.Text(column)) {
		out = append(out, c.entry(column, list, s))
	}
	return out
}

func (c *cells) entry(column string, list codes.List, given string) string {
	if given == "" {
		return ""
	}
	if id := meanings(list)[text.Fold(given)]; id != "" {
		return id
	}
	var all []string
	for _, e := range codes.All(list) {
		zh, _ := labels(e)
		all = append(all, e.ID+" "+zh)
	}
	options := strings.Join(all, ", ")
	c.wrong(column, fault.CodeCodeUnknown, fmt.Sprintf("“%s”不在代码表中：%s。", given, options), fmt.Sprintf("%q is not in the list: %s.", given, options))
	return ""
}

var listedMeanings sync.Map // code list → what meanings made of it, once a process

// meanings are the ids of a code list by every word for one, folded.
func meanings(list codes.List) map[string]string {
	if known, ok := listedMeanings.Load(list); ok {
		return known.(map[string]string)
	}
	out := map[string]string{}
	for _, e := range codes.All(list) {
		zh, en := labels(e)
		for _, s := range []string{e.ID, zh, en} {
			if word := text.Fold(s); out[word] == "" {
				out[word] = e.ID
			}
		}
	}
	listedMeanings.Store(list, out)
	return out
}

// parts cuts a list in one cell.
func parts(cell string) []string {
	return strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune(";；、|", r) })
}

// ref is the id of a row of an earlier file, given by its key, or an id as such.
func (c *cells) ref(column, prefix string) string {
	return c.refer(column, prefix, c.Text(column))
}

// optRef is ref, nil when the cell is empty.
func (c *cells) optRef(column, prefix string) *string {
	if id := c.ref(column, prefix); id != "" {
		return &id
	}
	return nil
}

func (c *cells) refer(column, prefix, key string) string {
	key = strings.TrimSpace(key)
	id, found := c.run.ids[prefix][key]
	switch {
	case key == "":
		return ""
	case found:
		return id
	case strings.HasPrefix(key, prefix+"_"):
		return key
	case c.run.bad[prefix][key]:
		c.orphan = true
		return ""
	}
	file := ""
	for _, t := range c.run.tables {
		if t.prefix == prefix {
			file = t.name
		}
	}
	c.wrong(column, fault.CodeNotFound, fmt.Sprintf("%s 中没有标识为“%s”的行。", file, key), fmt.Sprintf("%s has no row with the key %q.", file, key))
	return ""
}

// division is the id of a division given by its code of 2 to 12 digits.
func (c *cells) division(column string) string {
	return c.place(column, c.Text(column))
}

func (c *cells) place(column, code string) string {
	if code == "" {
		return ""
	}
	id := division.ID(strings.TrimSpace(code))
	if id == "" {
		hintZh, hintEn := letters(code)
		c.wrong(column, fault.CodeDivisionUnknown, "区划代码应为 2、4、6、9 或 12 位数字。"+hintZh, "A division code has 2, 4, 6, 9 or 12 digits."+hintEn)
	}
	return id
}

// community is the id of a community given by its code of 12 digits.
func (c *cells) community(column string) string {
	code := c.Text(column)
	if code == "" {
		return ""
	}
	id := community.ID(code)
	if id == "" {
		hintZh, hintEn := letters(code)
		c.wrong(column, fault.CodeDivisionUnknown, "社区（村）代码应为 12 位数字。"+hintZh, "The code of a community has 12 digits."+hintEn)
	}
	return id
}

// letters is a hint for a code in which letters stand for the digits they look like.
func letters(code string) (zh, en string) {
	digits := strings.NewReplacer("O", "0", "o", "0", "I", "1", "l", "1", "Ｏ", "0").Replace(code)
	if digits == code || strings.ContainsFunc(digits, func(r rune) bool { return r < '0' || r > '9' }) {
		return "", ""
	}
	return "是否把字母写成了数字？应为 " + digits + "。", " Are there letters for digits? Perhaps it is " + digits + "."
}
