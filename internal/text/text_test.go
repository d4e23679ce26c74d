package text

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestFoldBringsTextsToOneForm(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"":                          "",
		"五社聯動":                      "五社联动",
		"中國人民文藝家協會":                 "中国人民文艺家协会",
		"ＫＮ９５　口罩":                   "kn95 口罩",
		"  路南区\t学院南路\n街道 ":          "路南区 学院南路 街道",
		"裏面裡面":                      "里面里面",
		"㑮":                         "𫝈",
		"莫𡐓村":                       "莫𡐓村",
		"社\u200b工\ufeff站":           "社工站",
		"Ångström ÉCOLE":            "ångström école",
		"İ":                         "i",
		"\u2f00\u2f8a":              "一色", // Kangxi radicals, as PDF copies give them
		"①号楼":                       "1号楼",
		"\U0002F800":                "丽", // compatibility ideograph of 丽
		"龍\U000E0100":               "龙\U000E0100",
		"already folded 已经 折叠 text": "already folded 已经 折叠 text",
	}
	for in, want := range cases {
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestTermsAreCharactersAndPairs(t *testing.T) {
	t.Parallel()
	cases := []struct {
		in          string
		terms, asks []string
	}{
		{"", []string{}, []string{}},
		{"，。 !", []string{}, []string{}},
		{"米", []string{"米"}, []string{"米"}},
		{"社工站", []string{"社", "社工", "工", "工站", "站"}, []string{"社工", "工站"}},
		{"社會、工", []string{"社", "社会", "会", "工"}, []string{"社会", "工"}},
		{"KN95", []string{"k", "kn", "n", "n9", "9", "95", "5"}, []string{"kn", "n9", "95"}},
		{"3号", []string{"3", "3号", "号"}, []string{"3号"}},
		{"莫𡐓村", []string{"莫", "莫𡐓", "𡐓", "𡐓村", "村"}, []string{"莫𡐓", "𡐓村"}},
		{"人人人", []string{"人", "人人"}, []string{"人人"}},
		{"\ue000村", []string{"\ue000", "\ue000村", "村"}, []string{"\ue000村"}},
	}
	for _, c := range cases {
		slices.Sort(c.terms)
		slices.Sort(c.asks)
		if got := Terms(c.in); !slices.Equal(got, c.terms) {
			t.Errorf("Terms(%q) = %q, want %q", c.in, got, c.terms)
		}
		if got := QueryTerms(c.in); !slices.Equal(got, c.asks) {
			t.Errorf("QueryTerms(%q) = %q, want %q", c.in, got, c.asks)
		}
	}
}

func TestQueryTermsAreBounded(t *testing.T) {
	t.Parallel()
	var long strings.Builder
	for r := '一'; r < '一'+500; r++ {
		long.WriteRune(r)
	}
	asks, terms := QueryTerms(long.String()), Terms(long.String())
	if len(asks) != MaxQueryTerms {
		t.Errorf("%d query terms", len(asks))
	}
	for _, ask := range asks {
		if _, found := slices.BinarySearch(terms, ask); !found {
			t.Errorf("term %q is missing", ask)
		}
	}
}

// words mixes what real texts mix, and what breaks naive code.
func words() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		pieces := rapid.SliceOfN(rapid.OneOf(
			rapid.SampledFrom([]string{"社工站", "協會", "𡐓", "KN95", "　", "，", "é", "e\u0301", "ﬁ", "①", "\u200b", "İ", "ß", "ǰ"}),
			rapid.String(),
		), 0, 8).Draw(t, "pieces")
		return strings.Join(pieces, "")
	})
}

func TestFoldingTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		once := Fold(words().Draw(t, "text"))
		if twice := Fold(once); twice != once {
			t.Fatalf("%q became %q", once, twice)
		}
	})
}

func TestEachTableRowIsATraditionalCharacter(t *testing.T) {
	t.Parallel()
	rows := 0
	for line := range strings.Lines(pairs) {
		pair := []rune(line)
		if len(pair) != 3 || !isHan(pair[0]) || simplify(pair[0]) != pair[1] || simplify(pair[1]) != pair[1] {
			t.Errorf("row %q", line)
		}
		rows++
	}
	if rows != 4117 {
		t.Errorf("%d rows", rows)
	}
}

func TestNoTermHoldsBackATrueMatch(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		doc := []rune(Fold(words().Draw(t, "text")))
		from := rapid.IntRange(0, len(doc)).Draw(t, "from")
		to := rapid.IntRange(from, len(doc)).Draw(t, "to")
		query := string(doc[from:to])
		if !strings.Contains(string(doc), Fold(query)) {
			return // a mark cut from its base folds differently: no match by definition
		}
		terms := Terms(string(doc))
		for _, ask := range QueryTerms(query) {
			if _, found := slices.BinarySearch(terms, ask); !found {
				t.Fatalf("%q is in %q but asks for %q", query, string(doc), ask)
			}
			if strings.ContainsFunc(ask, func(r rune) bool { return !isTerm(r) }) {
				t.Fatalf("term %q holds a separator", ask)
			}
		}
	})
}

func TestClipCutsBetweenCharacters(t *testing.T) {
	t.Parallel()
	cases := []struct {
		in    string
		limit int
		want  string
	}{
		{"社工站", 3, "社工站"},
		{"社工站", 2, "社…"},
		{"莫𡐓村村民委员会", 3, "莫𡐓…"},
		{"e\u0301e\u0301e\u0301", 4, "e\u0301…"},
		{"社工站", 1, "…"},
		{"社工站", 0, ""},
		{"", 5, ""},
	}
	for _, c := range cases {
		if got := Clip(c.in, c.limit); got != c.want {
			t.Errorf("Clip(%q, %d) = %q, want %q", c.in, c.limit, got, c.want)
		}
	}
}

func TestValidUTF8RefusesBrokenTextAndNUL(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]bool{"": true, "莫𡐓村\n": true, "a\xff": false, "a\x00b": false, "\xed\xa0\x80": false} {
		if got := ValidUTF8(in); got != want {
			t.Errorf("ValidUTF8(%q) = %v", in, got)
		}
	}
}

func FuzzTerms(f *testing.F) {
	for _, seed := range []string{"社工站 KN95", "\xff\xfe", "莫𡐓村", "İstanbul ǅ", "e\u0301"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if once := Fold(s); Fold(once) != once {
			t.Errorf("folding %q twice changes it", s)
		}
		terms := Terms(s)
		for _, ask := range QueryTerms(s) {
			if !slices.Contains(terms, ask) {
				t.Errorf("%q asks for %q of itself in vain", s, ask)
			}
		}
		if clipped := Clip(s, 3); utf8.RuneCountInString(clipped) > 3 {
			t.Errorf("%q is longer than 3", clipped)
		}
	})
}

func BenchmarkFold(b *testing.B) {
	doc := strings.Repeat("独居老人需要陪同就医，联系社区志愿者。", 10)
	b.SetBytes(int64(len(doc)))
	for b.Loop() {
		Fold(doc)
	}
}

func BenchmarkTerms(b *testing.B) {
	doc := strings.Repeat("独居老人需要陪同就医，联系社区志愿者。", 10)
	b.SetBytes(int64(len(doc)))
	for b.Loop() {
		Terms(doc)
	}
}
