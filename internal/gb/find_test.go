package gb

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestMaskCitizenIDsFindsNumbersInFreeText(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, in, want string
		n              int
	}{
		{"none", "独居老人需要陪同就医", "独居老人需要陪同就医", 0},
		{"between Chinese", "身份证130202201506010016，独居", "身份证130202********0016，独居", 1},
		{"after Latin", "ID130202201506010016.", "ID130202********0016.", 1},
		{"with X", "号码11010519491231002X", "号码110105********002X", 1},
		{"with small x and letters after", "11010519491231002xyz", "110105********002Xyz", 1},
		{"full width", "证１１０１０５１９４９１２３１００２Ｘ号", "证110105********002X号", 1},
		{"spaces", "130202 19900101 0010 张", "130202********0010 张", 1},
		{"hyphens", "130202-1990-0101-0010", "130202********0010", 1},
		{"a number before it", "3 130202199001010010", "3 130202********0010", 1},
		{"two", "130202199001010010、130283200802290036", "130202********0010、130283********0036", 2},
		{"wrong check digit", "130202199001010011", "130202199001010011", 0},
		{"impossible date", "130202202613010016", "130202202613010016", 0},
		{"digit before", "9130202199001010010", "9130202199001010010", 0},
		{"digit after", "1302021990010100109", "1302021990010100109", 0},
		{"digit after X", "11010519491231002X1", "11010519491231002X1", 0},
		{"full-width digit after", "130202199001010010９", "130202199001010010９", 0},
		{"two separators", "130202--199001010010", "130202--199001010010", 0},
		{"mobile is not an ID", "电话13800138000", "电话13800138000", 0},
		{"masked already", "130202********0016", "130202********0016", 0},
		{"broken UTF-8", "\xff130202199001010010\xff", "\xff130202********0010\xff", 1},
		{"too short", "1302021990", "1302021990", 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got, n := MaskCitizenIDs(c.in); got != c.want || n != c.n {
				t.Errorf("%q became %q, %d", c.in, got, n)
			}
		})
	}
}

func TestMaskPersonalFindsMobilesToo(t *testing.T) {
	t.Parallel()
	cases := []struct {
		in, want string
		n        int
	}{
		{"电话13800138000找女儿", "电话138****8000找女儿", 1},
		{"138 0013 8000", "138****8000", 1},
		{"138-0013-8000", "138****8000", 1},
		{"１３８００１３８０００", "138****8000", 1},
		{"+8613800138000", "+86138****8000", 1},
		{"+86 138-0013-8000", "+86 138****8000", 1},
		{"008613800138000", "0086138****8000", 1},
		{"12800138000", "12800138000", 0},
		{"138001380001", "138001380001", 0},
		{"1380013800X", "1380013800X", 0},
		{"13 800138000", "13 800138000", 0},
		{"0315-2812345 或 12345", "0315-2812345 或 12345", 0},
		{"2026-11-24 12:00", "2026-11-24 12:00", 0},
		{"130202199001010010 13800138000", "130202********0010 138****8000", 2},
		{"86", "86", 0},
	}
	for _, c := range cases {
		if got, n := MaskPersonal(c.in); got != c.want || n != c.n {
			t.Errorf("%q became %q, %d; want %q, %d", c.in, got, n, c.want, c.n)
		}
	}
}

func TestNoNumberSurvivesBetweenWords(t *testing.T) {
	t.Parallel()
	words := rapid.SampledFrom([]string{"", "老人", "，", "ID:", " ", "\n", "莫𡐓村", "x", "\xff"})
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.SampledFrom(validIDs[2:]).Draw(t, "id")
		in := words.Draw(t, "before") + id + words.Draw(t, "after")
		got, n := MaskPersonal(in)
		if n != 1 || strings.Contains(got, id[6:14]) {
			t.Fatalf("%q became %q", in, got)
		}
	})
}

func FuzzMaskPersonal(f *testing.F) {
	for _, seed := range []string{"130202 19900101 0010", "+86 138-0013-8000", "\xff1302", "00861", "１３８"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		spans := FindPersonal(s)
		last := 0
		for _, span := range spans {
			if span.Start < last || span.End <= span.Start || span.End > len(s) {
				t.Fatalf("%q: spans %v", s, spans)
			}
			last = span.End
		}
		if masked, n := MaskPersonal(s); n != len(spans) || n == 0 && masked != s {
			t.Errorf("%q: %d spans, %d masked", s, len(spans), n)
		}
	})
}

func BenchmarkMaskPersonal(b *testing.B) {
	in := strings.Repeat("独居老人需要陪同就医，联系社区志愿者 3 楼 2 单元。", 10) + "130202199001010010"
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		MaskPersonal(in)
	}
}
