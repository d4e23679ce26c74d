package text

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestNameQueryFinds(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, query string
		want        bool
	}{
		{"乐亭县", "laoting", true},
		{"乐亭县", "lao ting", true},
		{"乐亭县", "lt", true},
		{"乐亭县", "ltx", true},
		{"乐亭县", "laotingx", true},
		{"乐亭县", "LaoTingXian", true},
		{"乐亭县", "leting", true}, // as strangers read it
		{"乐亭县", "lào tíng", true},
		{"乐亭县", "lao4ting2", true},
		{"乐亭县", "乐t", true},
		{"乐亭县", "乐ting县", true},
		{"乐亭县", "樂亭", true},
		{"乐亭县", "aoting", false}, // no syllable begins there
		{"乐亭县", "laoding", false},
		{"乐亭县", "tl", false},
		{"乐亭县", "l", false}, // one letter would find half of all names
		{"乐善堂", "laoshan", false},
		{"唐山市", "唐shan", true},
		{"唐山市", "唐s市", true},
		{"唐山市", "tangshanshi", true},
		{"唐山市", "tang1shan1", true},
		{"唐山市", "tangshang", false},
		{"唐山市", "唐山 市", true},
		{"唐山市", "市唐山", false},
		{"路南区学院南路街道社工站", "路南 社工站", true},
		{"路南区学院南路街道社工站", "社工站 路南", false},
		{"路南区学院南路街道社工站", "lunan sgz", true},
		{"绿园里社区", "lvyuan", true},
		{"绿园里社区", "luyuan", true},
		{"绿园里社区", "lüyuan", true},
		{"绿园里社区", "lǜ yuán", true},
		{"妇女之家", "funvzhijia", true},
		{"蔚县", "yuxian", true},
		{"蔚县", "weixian", true},
		{"重庆路", "chongqinglu", true},
		{"重庆路", "cql", true},
		{"长宁里", "changning", true},
		{"单田芳", "shantianfang", true},
		{"解晓东", "xiexiaodong", true},
		{"仇和", "qiuhe", true},
		{"查良镛", "zhaliangyong", true},
		{"曾国藩", "zengguofan", true},
		{"朴成", "piaocheng", true},
		{"区明", "ouming", true},
		{"西安里", "xian", true}, // xi an
		{"县城", "xian", true},
		{"莫𡐓村", "mo𡐓", true},
		{"莫𡐓村", "𡐓村", true},
		{"KN95口罩", "kn95", true},
		{"KN95口罩", "n95口", true},
		{"KN95口罩", "kn95kouzhao", true},
		{"KN95口罩", "k95", false},
		{"3号楼", "3号", true},
		{"３号楼", "3haolou", true},
		{"Red Cross 红十字", "cross", true},
		{"Red Cross 红十字", "redcross", false},
		{"Café 之家", "cafe", true},
		{"龙凤庄村村民委员会", "lfzc", true},
		{"龙凤庄村村民委员会", "村民委员会", true},
		{"龙凤庄村村民委员会", "weiyuanhui", false},
		{"任何", "", false},
		{"任何", "，。", false},
	}
	for _, c := range cases {
		q := NameQuery(c.query)
		if got := q.In(c.name); got != c.want {
			t.Errorf("%q in %q: %v", c.query, c.name, got)
		}
		if missing := absent(q.Terms(), NameTerms(c.name)); c.want && missing != "" {
			t.Errorf("%q in %q asks for %q in vain", c.query, c.name, missing)
		}
	}
}

func absent(asks, terms []string) string {
	for _, ask := range asks {
		if _, found := slices.BinarySearch(terms, ask); !found {
			return ask
		}
	}
	return ""
}

// names are made of what makes pinyin hard: several readings, short syllables, ü,
// characters without pinyin, letters and digits between them.
func names() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		parts := rapid.SliceOfN(rapid.SampledFrom([]string{
			"乐亭", "乐", "安", "额", "鄂", "儿", "绿", "女", "重庆", "长", "行", "西", "县", "阿", "昂", "\ue000", "𡐓", "樂", "蔚县", "单",
			"A", "kn95", "3", "é", "ü", "（", " ", "村民委员会", "唐", "山",
		}), 1, 8).Draw(t, "parts")
		return strings.Join(parts, "")
	})
}

// typed is how somebody may type a part of a name: each character as it is, by a
// syllable or, to the end, by initials.
func typed(t *rapid.T, name string) string {
	runes := []rune(toneless(Fold(name)))
	from := rapid.IntRange(0, len(runes)-1).Draw(t, "from")
	to := rapid.IntRange(from+1, len(runes)).Draw(t, "to")
	readings := spelled().read(runes)
	var b strings.Builder
	initials := rapid.Bool().Draw(t, "initials")
	for i := from; i < to; i++ {
		list := readings[i]
		switch {
		case len(list) == 0 || rapid.IntRange(0, 3).Draw(t, "as it is") == 0:
			b.WriteRune(runes[i])
		case initials:
			b.WriteString(rapid.SampledFrom(list).Draw(t, "reading")[:1])
		default:
			b.WriteString(rapid.SampledFrom(list).Draw(t, "reading"))
			b.WriteString(rapid.SampledFrom([]string{"", "", "", " ", "2"}).Draw(t, "then"))
		}
	}
	return b.String()
}

func TestNoTermHoldsBackANameThatTheQueryFinds(t *testing.T) {
	t.Parallel()
	found := 0
	rapid.Check(t, func(t *rapid.T) {
		name := names().Draw(t, "name")
		if Fold(name) == "" {
			return
		}
		q := NameQuery(typed(t, name))
		for _, other := range []string{name, names().Draw(t, "other")} {
			if !q.In(other) {
				continue
			}
			found++
			if missing := absent(q.Terms(), NameTerms(other)); missing != "" {
				t.Fatalf("%+v is in %q but asks for %q", q, other, missing)
			}
		}
	})
	if found < 20 {
		t.Errorf("only %d queries found their name", found)
	}
}

// TestEveryReadingFindsItsName types names whole, by every combination of readings.
func TestEveryReadingFindsItsName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"乐亭县重庆路", "长春里", "行唐", "朴树"} {
		for _, whole := range spell(spelled().read([]rune(name)), "") {
			if !NameQuery(whole).In(name) {
				t.Errorf("%q does not find %s", whole, name)
			}
		}
	}
}

func spell(readings [][]string, so string) []string {
	if len(readings) == 0 {
		return []string{so}
	}
	var out []string
	for _, r := range readings[0] {
		out = append(out, spell(readings[1:], so+r)...)
	}
	return out
}

func TestNameTermsAreBounded(t *testing.T) {
	t.Parallel()
	for name, most := range map[string]int{
		"唐山市":                        16,
		"立新东楼社区居民委员会":                55,
		strings.Repeat("唐山市路南区", 20): 60,
		strings.Repeat("乐重长行", 25):   400,
	} {
		if n := len(NameTerms(name)); n > most {
			t.Errorf("%s has %d terms", name, n)
		}
	}
}

func TestProseQueryIsNoPinyin(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]bool{"就医": true, "陪同 医院": true, "jiuyi": false, "醫院": true, "医院 陪同": false} {
		q := ProseQuery(query)
		if got := q.In("陪同就医，去市第二医院"); got != want {
			t.Errorf("%q: %v", query, got)
		}
		if missing := absent(q.Terms(), Terms("陪同就医，去市第二医院")); want && missing != "" {
			t.Errorf("%q asks for %q in vain", query, missing)
		}
	}
}

func TestReadingsAreSyllables(t *testing.T) {
	t.Parallel()
	s := spelled()
	for line := range strings.Lines(moreReadings) {
		if line[0] == '#' {
			continue
		}
		fields := strings.Fields(line)
		if n := len([]rune(fields[0])); n > 1 && n != len(fields)-1 {
			t.Errorf("%q does not read every character", line)
		}
		for _, r := range fields[1:] {
			if !s.valid[r] {
				t.Errorf("%q is no syllable", r)
			}
		}
	}
}

func FuzzNameQuery(f *testing.F) {
	f.Add("乐亭县", "laoting")
	f.Add("Ünal 3号", "ü3")
	f.Add("xianxianxianxian", "xianxianxianxian")
	f.Fuzz(func(t *testing.T, name, query string) {
		q := NameQuery(query)
		if missing := absent(q.Terms(), NameTerms(name)); q.In(name) && missing != "" {
			t.Errorf("%q is in %q but asks for %q", query, name, missing)
		}
	})
}

func BenchmarkNameTerms(b *testing.B) {
	for b.Loop() {
		NameTerms("乐亭县汀流河镇立新东楼社区居民委员会")
	}
}

func BenchmarkNameQueryIn(b *testing.B) {
	q := NameQuery("lixindonglou")
	for b.Loop() {
		q.In("乐亭县汀流河镇立新东楼社区居民委员会")
	}
}
