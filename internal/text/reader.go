package text

import "slices"

// reader holds a name while a query is looked for in it.
type reader struct {
	chars    []rune
	readings [][]string // of the characters from the first on that pinyin finds
}

// find gives where the first occurrence of a word at or behind a place ends, -1 if
// there is none.
func (r *reader) find(w word, from int) int {
	best := -1
	for i := from; i < len(r.chars); i++ {
		if end := r.match(w, i); end >= 0 && (best < 0 || end < best) {
			best = end
		}
	}
	return best
}

// match gives the nearest place where a word that begins at a place ends, or -1.
func (r *reader) match(w word, i int) int {
	at := []int{i} // distinct, or readings that agree would double the work piece by piece
	for k := range w {
		var ends []int
		for _, i := range at {
			ends = append(ends, r.ends(&w[k], i)...)
		}
		slices.Sort(ends)
		if at = slices.Compact(ends); len(at) == 0 {
			return -1
		}
	}
	return at[0]
}

// ends are the places where a piece that begins at a place may end.
func (r *reader) ends(p *piece, i int) []int {
	out := r.literal(p.chars, i)
	if p.tone {
		out = append(out, r.literal(p.chars[1:], i)...)
	}
	if p.initials {
		out = append(out, r.initials(p.latin, i)...)
	}
	if p.syllables {
		out = append(out, r.syllables(p.latin, i)...)
	}
	return out
}

func (r *reader) literal(chars []rune, i int) []int {
	if end := i + len(chars); end <= len(r.chars) && slices.Equal(r.chars[i:end], chars) {
		return []int{end}
	}
	return nil
}

func (r *reader) initials(letters string, i int) []int {
	if i+len(letters) > len(r.readings) {
		return nil
	}
	for j := range len(letters) {
		if !slices.ContainsFunc(r.readings[i+j], func(s string) bool { return s[0] == letters[j] }) {
			return nil
		}
	}
	return []int{i + len(letters)}
}

// syllables gives all the places where letters that begin at a place may end: each
// character takes one of its readings, the last one a beginning.
func (r *reader) syllables(letters string, i int) []int {
	if i >= len(r.readings) {
		return nil
	}
	var ends []int
	for _, reading := range r.readings[i] {
		switch {
		case len(letters) <= len(reading):
			if reading[:len(letters)] == letters {
				ends = append(ends, i+1)
			}
		case letters[:len(reading)] == reading:
			ends = append(ends, r.syllables(letters[len(reading):], i+1)...)
		}
	}
	return ends
}
