package text

import "strings"

// The index holds of each character of a name how its pinyin goes on: two letters and
// four, over the borders of syllables, and the initials of it and its neighbour.
const (
	shortGram = 2
	longGram  = 4
)

// maxSpelled bounds the characters of a name that pinyin finds.
const maxSpelled = 40

// NameTerms returns the index terms of a name, distinct and in ascending order: its
// Terms, and those by which Latin letters find it, as pinyin or as what stands there.
// A name of n characters has about 5n of them; each of at most eight characters with
// several readings adds what its readings add.
func NameTerms(name string) []string {
	folded := toneless(Fold(name))
	found := Terms(folded)
	eachLatin(folded, func(word string) { found = appendGrams(found, word, longGram) })
	runes := []rune(folded)
	runes = runes[:min(len(runes), maxSpelled, spoken(folded))]
	readings := spelled().read(runes)
	for i, list := range readings {
		found = append(append(found, heads(readings[i:], shortGram)...), heads(readings[i:], longGram)...)
		if i+1 < len(readings) {
			found = appendInitials(found, list, readings[i+1])
		}
	}
	return distinct(found)
}

// heads are the first n letters of what the characters may be read as; none where they
// are too few or one cannot be read.
func heads(readings [][]string, n int) []string {
	if len(readings) == 0 {
		return nil
	}
	var out []string
	for _, r := range readings[0] {
		if len(r) >= n {
			out = append(out, r[:n])
			continue
		}
		for _, rest := range heads(readings[1:], n-len(r)) {
			out = append(out, r+rest)
		}
	}
	return out
}

func appendInitials(found, first, second []string) []string {
	for _, a := range first {
		for _, b := range second {
			found = append(found, a[:1]+b[:1])
		}
	}
	return found
}

// appendGrams appends each run of n letters of an ASCII word.
func appendGrams(found []string, word string, n int) []string {
	for i := 0; i+n <= len(word); i++ {
		found = append(found, word[i:i+n])
	}
	return found
}

// eachLatin calls visit with every longest run of the letters a to z.
func eachLatin(s string, visit func(word string)) {
	for s != "" {
		from := strings.IndexFunc(s, isLatin)
		if from < 0 {
			return
		}
		s = s[from:]
		to := strings.IndexFunc(s, func(r rune) bool { return !isLatin(r) })
		if to < 0 {
			to = len(s)
		}
		visit(s[:to])
		s = s[to:]
	}
}

func isLatin(r rune) bool { return 'a' <= r && r <= 'z' }

// toned are the letters of pinyin with their marks, and what is typed for them.
var toned = strings.NewReplacer(
	"ā", "a", "á", "a", "ǎ", "a", "à", "a", "ē", "e", "é", "e", "ě", "e", "è", "e", "ê", "e",
	"ī", "i", "í", "i", "ǐ", "i", "ì", "i", "ō", "o", "ó", "o", "ǒ", "o", "ò", "o",
	"ū", "u", "ú", "u", "ǔ", "u", "ù", "u", "ü", "v", "ǖ", "v", "ǘ", "v", "ǚ", "v", "ǜ", "v",
	"ń", "n", "ň", "n", "ǹ", "n",
)

// toneless takes the tones from a folded text: lào is lao, lǜ is lv.
func toneless(folded string) string { return toned.Replace(folded) }
