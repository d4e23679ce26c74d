package division

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

func TestCodeReadsLevelParentAndType(t *testing.T) {
	t.Parallel()
	cases := []struct {
		code, short string
		level       Level
		parent      string
		typ         Type
		counted     bool
	}{
		{"13", "13", LevelProvince, "", TypeProvince, true},
		{"130000", "13", LevelProvince, "", TypeProvince, true},
		{"130000000000", "13", LevelProvince, "", TypeProvince, true},
		{"1302", "1302", LevelCity, "13", TypeCity, true},
		{"130200000000", "1302", LevelCity, "13", TypeCity, true},
		{"130202", "130202", LevelCounty, "1302", TypeDistrict, true},
		{"130202000000", "130202", LevelCounty, "1302", TypeDistrict, true},
		{"130229", "130229", LevelCounty, "1302", TypeCounty, true},
		{"130271", "130271", LevelCounty, "1302", TypeZone, false},
		{"130274", "130274", LevelCounty, "1302", TypeZone, false},
		{"130284", "130284", LevelCounty, "1302", TypeCountyCity, true},
		{"500151", "500151", LevelCounty, "5001", TypeDistrict, true},
		{"130202001", "130202001", LevelTown, "130202", TypeStreet, true},
		{"130202001000", "130202001", LevelTown, "130202", TypeStreet, true},
		{"130202102", "130202102", LevelTown, "130202", TypeTown, true},
		{"130229200", "130229200", LevelTown, "130229", TypeTownship, true},
		{"130209401", "130209401", LevelTown, "130209", TypeTownLike, false},
		{"441900001", "441900001", LevelTown, "4419", TypeStreet, true},
		{"130202001001", "130202001001", LevelCommunity, "130202001", TypeResidents, true},
		{"130202102201", "130202102201", LevelCommunity, "130202102", TypeVillagers, true},
		{"130209451402", "130209451402", LevelCommunity, "130209451", TypeResidentsLike, false},
		{"130272451500", "130272451500", LevelCommunity, "130272451", TypeVillagersLike, false},
		{"130209412498", "130209412498", LevelCommunity, "130209412", TypeVirtual, false},
		{"130229401598", "130229401598", LevelCommunity, "130229401", TypeVirtual, false},
		{"130202001600", "130202001600", LevelCommunity, "130202001", "", false},
		{"130202600", "130202600", LevelTown, "130202", "", false},
		{"", "", "", "", "", false},
		{"1", "", "", "", "", false},
		{"000000000000", "", "", "", "", false},
		{"001302", "", "", "", "", false},
		{"130001", "", "", "", "", false},
		{"130202000001", "", "", "", "", false},
		{"13020200100", "", "", "", "", false},
		{"13020２", "", "", "", "", false},
		{"13020a", "", "", "", "", false},
	}
	for _, c := range cases {
		t.Run("code "+c.code, func(t *testing.T) {
			t.Parallel()
			got := fmt.Sprint(Short(c.code), LevelOf(c.code), Parent(c.code), TypeOf(c.code), Counted(c.code))
			want := fmt.Sprint(c.short, c.level, c.parent, c.typ, c.counted)
			if got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

func TestLevelsNamesEachAncestor(t *testing.T) {
	t.Parallel()
	cases := map[string][5]string{
		"130202001001": {"13", "1302", "130202", "130202001", "130202001001"},
		"130202000000": {"13", "1302", "130202", "", ""},
		"1302":         {"13", "1302", "", "", ""},
		"441900001001": {"44", "4419", "", "441900001", "441900001001"},
		"nonsense":     {},
	}
	for code, want := range cases {
		var got [5]string
		got[0], got[1], got[2], got[3], got[4] = Levels(code)
		if got != want {
			t.Errorf("Levels(%q) = %q, want %q", code, got, want)
		}
	}
}

func TestWithinIsReflexiveAndFollowsTheTree(t *testing.T) {
	t.Parallel()
	cases := []struct {
		code, area string
		want       bool
	}{
		{"130202001001", "1302", true},
		{"130202001001", "130200000000", true},
		{"130202", "130202", true},
		{"1302", "130202", false},
		{"130302", "1302", false},
		{"130202", "", false},
		{"", "1302", false},
	}
	for _, c := range cases {
		if got := Within(c.code, c.area); got != c.want {
			t.Errorf("Within(%q, %q) = %v", c.code, c.area, got)
		}
	}
}

func TestPaddingNeverChangesWhatACodeSays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.StringMatching(`[0-9]{2}([0-9]{2}([0-9]{2}([0-9]{3}([0-9]{3})?)?)?)?`).Draw(t, "code")
		full := Full(code)
		if Short(full) != Short(code) || LevelOf(full) != LevelOf(code) || TypeOf(full) != TypeOf(code) {
			t.Fatalf("%q and its full form %q differ", code, full)
		}
		if up := Parent(code); up != "" && (!Within(code, up) || Within(up, code)) {
			t.Fatalf("parent %q does not hold %q", up, code)
		}
	})
}

func FuzzShort(f *testing.F) {
	for _, seed := range []string{"13", "130202000000", "13020２", "\xff\xfe", "000000"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		short := Short(text)
		if short != Short(short) || (short != "" && len(Full(text)) != 12) {
			t.Errorf("Short(%q) = %q is not stable", text, short)
		}
		if TypeOf(text) != "" && short == "" {
			t.Errorf("%q is no code and has the type %s", text, TypeOf(text))
		}
		if province, _, _, _, _ := Levels(text); (province == "") != (short == "") {
			t.Errorf("%q, short %q, lies in province %q", text, short, province)
		}
	})
}
