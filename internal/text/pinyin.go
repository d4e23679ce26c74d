package text

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// The tables and where they come from: data/NOTICE.md.
var (
	//go:embed data/pinyin.txt
	firstReadings string
	//go:embed data/readings.txt
	moreReadings string
)

// maxPolyphones bounds the characters of one name of which all readings count;
// those behind count with the first.
const maxPolyphones = 8

// maxSyllable is the most letters of a syllable.
const maxSyllable = 6

// spelling is the pinyin of all characters, read once a process.
type spelling struct {
	syllables []string          // by number; 0 is none
	pages     [0x400]*page      // the first reading's number, by character
	more      map[rune][]string // of characters with several readings: all of them
	phrases   map[rune][]phrase // by their first character
	valid     map[string]bool   // whole syllables
	begin     map[string]bool   // beginnings of syllables, whole ones included
}

type page [0x100]uint16

// phrase is how characters are read together.
type phrase struct {
	chars    []rune
	readings []string
}

var spelled = sync.OnceValue(func() *spelling {
	s := &spelling{syllables: []string{""}, more: map[rune][]string{}, phrases: map[rune][]phrase{}, valid: map[string]bool{}, begin: map[string]bool{}}
	for line := range strings.Lines(firstReadings) {
		syllable, chars, _ := strings.Cut(strings.TrimSpace(line), " ")
		s.admit(syllable)
		s.syllables = append(s.syllables, syllable)
		for _, r := range chars {
			if s.pages[r>>8] == nil {
				s.pages[r>>8] = new(page)
			}
			s.pages[r>>8][r&0xff] = uint16(len(s.syllables) - 1) //nolint:gosec // some 400 syllables
		}
	}
	for line := range strings.Lines(moreReadings) {
		if line[0] == '#' {
			continue
		}
		fields := strings.Fields(line)
		chars := []rune(fields[0])
		if len(chars) == 1 {
			s.more[chars[0]] = fields[1:]
			continue
		}
		s.phrases[chars[0]] = append(s.phrases[chars[0]], phrase{chars, fields[1:]})
	}
	return s
})

// admit makes a syllable known: ü is typed as v and, without a keyboard for it, as u.
func (s *spelling) admit(syllable string) {
	for _, typed := range []string{syllable, strings.Replace(syllable, "v", "u", 1)} {
		s.valid[typed] = true
		for i := 1; i <= len(typed); i++ {
			s.begin[typed[:i]] = true
		}
	}
}

// of gives all readings of a character, the commonest first; none of what is no
// Chinese character.
func (s *spelling) of(r rune) []string {
	if !isHan(r) {
		return nil
	}
	list := s.more[r]
	if list == nil {
		if p := s.pages[r>>8]; p != nil {
			if n := p[r&0xff]; n > 0 {
				list = s.syllables[n : n+1]
			}
		}
	}
	for _, syllable := range list {
		if strings.Contains(syllable, "v") {
			list = append(slices.Clip(list), strings.Replace(syllable, "v", "u", 1))
		}
	}
	return list
}

// read gives the readings of each character of a folded name.
func (s *spelling) read(name []rune) [][]string {
	out := make([][]string, len(name))
	for i, r := range name {
		out[i] = s.of(r)
	}
	for i, r := range name {
		for _, p := range s.phrases[r] {
			if len(p.chars) > len(name)-i || !slices.Equal(p.chars, name[i:i+len(p.chars)]) {
				continue
			}
			for j, reading := range p.readings {
				if !slices.Contains(out[i+j], reading) {
					out[i+j] = append([]string{reading}, out[i+j]...)
				}
			}
		}
	}
	several := 0
	for i := range out {
		if len(out[i]) > 1 {
			several++
		}
		if several > maxPolyphones && len(out[i]) > 1 {
			out[i] = out[i][:1]
		}
	}
	return out
}

// committees are ends of official names that nobody types in pinyin. Without them a
// village's name has half as many terms. The 村 in front of its committee stays.
var committees = []string{"居民委员会", "民委员会", "委会"}

// spoken is how much of a folded name pinyin finds: without the committee at its end.
func spoken(name string) int {
	for _, c := range committees {
		if rest, found := strings.CutSuffix(name, c); found && rest != "" {
			return utf8.RuneCountInString(rest)
		}
	}
	return utf8.RuneCountInString(name)
}
