package gb

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/fivesociety/linkage/internal/text"
)

// Grade says how alarming a name is.
type Grade string

// The grades, the worse first.
const (
	GradeBanned Grade = "BANNED" // it is a banned name
	GradeNear   Grade = "NEAR"   // it looks like one, or holds one
)

// Near is a name of a list that a given name equals or resembles.
type Near struct {
	// Name stands in the list.
	Name  string
	Grade Grade
	// Distance is how many characters differ, national prefixes left aside.
	Distance int
}

// longName bounds the comparison; no organisation has a longer name.
const longName = 100

// BannedNames2021 returns the eleven names of a notice of the Ministry of Civil
// Affairs of summer 2021: banned organisations whose web sites it had closed,
// the fourth batch of that year (2021年第四批被关停网站的非法社会组织名单). They were
// taken from a reprint (hbzqbyyxgs.com/news/598963.html, in traditional
// characters); the ministry's own page was not seen. The list is a start and a
// test set: a deployment keeps it current.
// 中国民间文艺家协会 is a lawful national association and not among them.
func BannedNames2021() []string {
	return []string{
		"中国教师继续教育协会",
		"中国人民文艺家协会",
		"中国智慧教育联合会",
		"中国宠物产业联盟",
		"中国包装联盟",
		"中国美术高考教育联盟",
		"全国房地产CIO联盟",
		"全国校园文学联盟",
		"中国境外学位与学生信息中心",
		"中国清洁服务行业国家等级资质评定中心",
		"丝绸之路国际公益美术馆",
	}
}

// NearNames returns the names of the list that name equals (BANNED) or resembles
// (NEAR), the worst first, then the closest. Traditional characters, full
// width, case, spaces and punctuation make no difference. A name is near that
// holds a listed one whole (a "branch"), or that differs from it, 中国, 中华,
// 全国 and the like left aside, in at most a third of the characters. Both grades
// are warnings for a person to judge: lawful bodies have near names too.
func NearNames(name string, list []string) []Near {
	plain := plainName(name)
	if plain == "" {
		return nil
	}
	var found []Near
	for _, listed := range list {
		if near, ok := compare(plain, plainName(listed)); ok {
			near.Name = listed
			found = append(found, near)
		}
	}
	slices.SortStableFunc(found, func(a, b Near) int {
		return cmp.Or(cmp.Compare(a.Grade, b.Grade), cmp.Compare(a.Distance, b.Distance))
	})
	return found
}

// compare compares two plain names.
func compare(name, listed string) (Near, bool) {
	if listed == "" {
		return Near{}, false
	}
	if name == listed {
		return Near{Grade: GradeBanned}, true
	}
	a, b := []rune(core(name)), []rune(core(listed))
	if len(a) > longName || len(b) > longName {
		return Near{Grade: GradeNear, Distance: abs(len(a) - len(b))}, strings.Contains(name, listed)
	}
	distance := edits(a, b)
	return Near{Grade: GradeNear, Distance: distance},
		strings.Contains(name, listed) || 3*distance <= max(len(a), len(b))
}

// plainName leaves letters and digits in one form.
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			return r
		}
		return -1
	}, text.Fold(name))
}

// core cuts the prefixes that claim national rank, with which such names vary.
func core(plain string) string {
	for _, prefix := range []string{"中华人民共和国", "中国", "中华", "全国", "国家"} {
		if rest, found := strings.CutPrefix(plain, prefix); found && rest != "" {
			return rest
		}
	}
	return plain
}

// edits is the Levenshtein distance in characters.
func edits(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, from := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, to := range b {
			change := diagonal
			if from != to {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}

func abs(n int) int { return max(n, -n) }
