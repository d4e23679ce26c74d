package gb

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestNearNames(t *testing.T) {
	t.Parallel()
	const artists, campus, cio = "中国人民文艺家协会", "全国校园文学联盟", "全国房地产CIO联盟"
	cases := []struct {
		name string
		want []Near
	}{
		{"中国人民文艺家协会", []Near{{artists, GradeBanned, 0}}},
		{" 中國人民文藝家協會 ", []Near{{artists, GradeBanned, 0}}},
		{"中国·人民文艺家协会", []Near{{artists, GradeBanned, 0}}},
		{"全国房地产ｃｉｏ联盟", []Near{{cio, GradeBanned, 0}}},
		{"中国民间文艺家协会", []Near{{artists, GradeNear, 2}}}, // lawful, and too close
		{"全国人民文艺家协会", []Near{{artists, GradeNear, 0}}},
		{"人民文艺家协会", []Near{{artists, GradeNear, 0}}},
		{"中国人民文艺家协会唐山分会筹备委员会", []Near{{artists, GradeNear, 9}}},
		{"中国校园文学联盟", []Near{{campus, GradeNear, 0}}},
		{"唐山市志愿服务联合会", nil},
		{"中国书法家协会", nil},
		{"路南区学院南路街道社区志愿者协会", nil},
		{"中国", nil},
		{"", nil},
		{"，。", nil},
	}
	for _, c := range cases {
		if got := NearNames(c.name, BannedNames2021()); !slices.Equal(got, c.want) {
			t.Errorf("%q: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestNearNamesPutsTheWorstFirst(t *testing.T) {
	t.Parallel()
	got := NearNames("中国人民文艺家协会", []string{"", "中国民间文艺家协会", "中国人民文艺协会", "中国人民文艺家协会"})
	var names []string
	for _, near := range got {
		names = append(names, near.Name)
	}
	if want := []string{"中国人民文艺家协会", "中国人民文艺协会", "中国民间文艺家协会"}; !slices.Equal(names, want) {
		t.Errorf("%q", names)
	}
}

func TestNearNamesOfVeryLongNamesOnlyLooksForWholeOnes(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("社", 5000)
	if got := NearNames(long, BannedNames2021()); got != nil {
		t.Errorf("%v", got)
	}
	if got := NearNames(long+"中国包装联盟", BannedNames2021()); len(got) != 1 || got[0].Grade != GradeNear {
		t.Errorf("%v", got)
	}
}

func TestBannedNamesAreElevenAndWithoutTheLawfulAssociation(t *testing.T) {
	t.Parallel()
	names := BannedNames2021()
	if len(names) != 11 || slices.Contains(names, "中国民间文艺家协会") || !slices.Contains(names, "中国人民文艺家协会") {
		t.Errorf("%q", names)
	}
}

func TestEditsIsADistance(t *testing.T) {
	t.Parallel()
	word := rapid.SliceOfN(rapid.RuneFrom([]rune("人民间文𡐓")), 0, 8)
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := word.Draw(t, "a"), word.Draw(t, "b"), word.Draw(t, "c")
		ab := edits(a, b)
		switch {
		case (ab == 0) != slices.Equal(a, b):
			t.Fatalf("%d between %q and %q", ab, string(a), string(b))
		case ab != edits(b, a):
			t.Fatal("not symmetric")
		case edits(a, c) > ab+edits(b, c):
			t.Fatal("a detour is shorter")
		case ab > max(len(a), len(b)) || ab < abs(len(a)-len(b)):
			t.Fatal("out of bounds")
		}
	})
}

func FuzzNearNames(f *testing.F) {
	f.Add("中国人民文艺家协会")
	f.Add("\xff\u200b")
	f.Fuzz(func(t *testing.T, name string) {
		for _, near := range NearNames(name, BannedNames2021()) {
			if near.Distance < 0 || near.Name == "" {
				t.Errorf("%q: %v", name, near)
			}
		}
	})
}
