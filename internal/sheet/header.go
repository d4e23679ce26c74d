package sheet

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/text"
)

// meanings are the columns by every header that means them.
func meanings(columns []Column) map[string]string {
	out := map[string]string{}
	for _, c := range columns {
		for _, title := range c.Titles() {
			out[normal(title)] = c.Name
		}
	}
	return out
}

// known counts the cells that are headers.
func known(cells []string, columns []Column) (n int) {
	meaning := meanings(columns)
	for _, cell := range cells {
		if meaning[normal(cell)] != "" {
			n++
		}
	}
	return n
}

// match finds which column each header means. Unknown, doubled and missing headers
// are problems, each with the names that come nearest.
func match(file string, row int, header []string, columns []Column) (names []string, problems []Problem) {
	meaning := meanings(columns)
	names = make([]string, len(header))
	for i, h := range header {
		name := meaning[normal(h)]
		switch {
		case name == "":
			problems = append(problems, unknown(file, row, i, h, columns))
		case slices.Contains(names, name):
			problems = append(problems, Problem{
				File: file, Row: row, Column: h, Code: fault.CodeDuplicate,
				Zh: "表头重复：两列都是“" + name + "”。", En: "Two columns both mean " + name + ".",
			})
		}
		names[i] = name
	}
	for _, c := range columns {
		if c.Required && !slices.Contains(names, c.Name) {
			problems = append(problems, Problem{
				File: file, Row: row, Column: c.Name, Code: fault.CodeRequired,
				Zh: "缺少必需的列：" + strings.Join(c.Titles(), " / ") + "。", En: "A required column is missing: " + strings.Join(c.Titles(), " / ") + ".",
			})
		}
	}
	return names, problems
}

func unknown(file string, row, position int, header string, columns []Column) Problem {
	near := strings.Join(nearest(header, columns), "、")
	p := Problem{File: file, Row: row, Column: header, Code: fault.CodeInvalid}
	if header == "" {
		p.Column = letter(position)
		p.Zh, p.En = "这一列没有表头。", "This column has no header."
		return p
	}
	p.Zh = fmt.Sprintf("不认识的表头；相近的有：%s。", near)
	p.En = fmt.Sprintf("Unknown header; the nearest are: %s.", near)
	if strings.ContainsAny(header, ";\t") {
		p.Zh, p.En = "列之间须用英文逗号分隔。", "Columns must be separated by commas."
	}
	return p
}

// normal is a header as it is compared: case, width, spaces, marks of obligation and
// remarks in brackets do not count.
func normal(header string) string {
	folded := text.Fold(header)
	if i := strings.IndexAny(folded, "(（"); i > 0 {
		folded = folded[:i]
	}
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\n_-*＊　", r) {
			return -1
		}
		return r
	}, folded)
}

// nearest are up to three titles, the likeliest first.
func nearest(header string, columns []Column) []string {
	type guess struct {
		title string
		away  int
	}
	var all []guess
	for _, c := range columns {
		best := guess{away: 1 << 20}
		for _, title := range c.Titles() {
			if d := distance([]rune(normal(header)), []rune(normal(title))); d < best.away {
				best = guess{title, d}
			}
		}
		all = append(all, best)
	}
	slices.SortStableFunc(all, func(a, b guess) int { return a.away - b.away })
	out := make([]string, 0, 3)
	for _, g := range all[:min(3, len(all))] {
		out = append(out, g.title)
	}
	return out
}

// distance is the number of single-character edits between two texts.
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		corner := row[0]
		row[0] = i + 1
		for j, y := range b {
			above := row[j+1]
			change := corner
			if x != y {
				change++
			}
			row[j+1] = min(change, above+1, row[j]+1)
			corner = above
		}
	}
	return row[len(b)]
}

// letter is a column as spreadsheets call it: A, B, … Z, AA.
func letter(i int) string {
	s := ""
	for ; i >= 0; i = i/26 - 1 {
		s = string(rune('A'+i%26)) + s
	}
	return s
}
