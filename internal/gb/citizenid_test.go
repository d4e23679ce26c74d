package gb

import (
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var today = time.Date(2026, 11, 24, 23, 30, 0, 0, time.FixedZone("CST", 8*3600))

// validIDs are the two examples of the standard and synthetic ones.
var validIDs = []string{
	"11010519491231002X", "440524188001010014", "130202201506010016", "130229195509200028",
	"130283200802290036", "130202199001010010", "130203201112311234",
}

func TestParseCitizenIDAcceptsValidNumbers(t *testing.T) {
	t.Parallel()
	for _, in := range validIDs {
		if id, warnings, err := ParseCitizenID(in, today); err != nil || len(warnings) > 0 || string(id) != in {
			t.Errorf("%s: %v, %v", in, warnings, err)
		}
	}
}

func TestParseCitizenIDNamesTheProblem(t *testing.T) {
	t.Parallel()
	cases := map[string]Error{
		"13020219900101001X":  {Problem: ProblemCheckDigit},  // 0 is right
		"130202200902290019":  {Problem: ProblemDate, At: 7}, // 29 February of a common year
		"130202202613010016":  {Problem: ProblemDate, At: 7}, // month 13
		"130202179901010018":  {Problem: ProblemDate, At: 7}, // too long ago
		"130202202701010016":  {Problem: ProblemDate, At: 7}, // future
		"130202900101001":     {Problem: ProblemLength},      // 15 digits
		"":                    {Problem: ProblemLength},
		"1302021990010100100": {Problem: ProblemLength},
		"13O202199001010010":  {Problem: ProblemCharacter, At: 3, Hint: "0"},
		"1302021990010100V0":  {Problem: ProblemCharacter, At: 17},
		"1101051949123100X2":  {Problem: ProblemCharacter, At: 17},
		"一30202199001010010":  {Problem: ProblemCharacter, At: 1},
	}
	for in, want := range cases {
		id, _, err := ParseCitizenID(in, today)
		var got *Error
		if !errors.As(err, &got) || *got != want || id != "" || errors.Is(err, ErrNeedsVerification) {
			t.Errorf("%q: %q, %v, want %v", in, id, err, &want)
		}
	}
}

func TestParseCitizenIDMendsSpellingOnly(t *testing.T) {
	t.Parallel()
	for _, in := range []string{" 11010519491231002x ", "１１０１０５１９４９１２３１００２ｘ"} {
		if id, _, err := ParseCitizenID(in, today); err != nil || id != "11010519491231002X" {
			t.Errorf("%q: %q, %v", in, id, err)
		}
	}
}

func withIDCheck(first17 string) string { return first17 + string(idCheck(first17)) }

func TestParseCitizenIDOnlyWarnsOfTheArea(t *testing.T) {
	t.Parallel()
	for first17, want := range map[string][]Warning{
		"13022319900101001": nil, // 滦县, abolished
		"81000019900101001": nil, "82000019900101001": nil, "83000019900101001": nil,
		"91115619900101001": nil,
		"71000019900101001": nil,
		"16000019900101001": {WarnUnknownArea}, "00000019900101001": {WarnUnknownArea},
		"24000019900101001": {WarnUnknownArea}, "38000019900101001": {WarnUnknownArea},
		"47000019900101001": {WarnUnknownArea}, "55000019900101001": {WarnUnknownArea},
		"66000019900101001": {WarnUnknownArea}, "84000019900101001": {WarnUnknownArea},
	} {
		in := withIDCheck(first17)
		if _, got, err := ParseCitizenID(in, today); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %v, want %v", in, got, err, want)
		}
	}
}

func TestABirthOfTodayIsPossibleAndOfTomorrowIsNot(t *testing.T) {
	t.Parallel()
	if _, _, err := ParseCitizenID(withIDCheck("13020220261124001"), today); err != nil {
		t.Errorf("today: %v", err)
	}
	if _, _, err := ParseCitizenID(withIDCheck("13020220261125001"), today); err == nil {
		t.Error("tomorrow is accepted")
	}
}

func TestAgeChangesOnTheBirthday(t *testing.T) {
	t.Parallel()
	cases := []struct {
		id   CitizenID
		on   string
		want int
	}{
		{"130202201506010016", "2026-05-31", 10},
		{"130202201506010016", "2026-06-01", 11},
		{"130283200802290036", "2026-02-28", 17},
		{"130283200802290036", "2026-03-01", 18},
	}
	for _, c := range cases {
		on, err := time.Parse(time.DateOnly, c.on)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.id.Age(on); got != c.want {
			t.Errorf("on %s: %d, want %d", c.on, got, c.want)
		}
	}
	if birth := CitizenID("130283200802290036").Birth(); birth.Format(time.DateOnly) != "2008-02-29" {
		t.Errorf("birth %v", birth)
	}
}

func TestMaskedHidesTheBirth(t *testing.T) {
	t.Parallel()
	if got := CitizenID("130202201506010016").Masked(); got != "130202********0016" {
		t.Error(got)
	}
	if got := CitizenID("1302").Masked(); got != "****" {
		t.Error(got)
	}
}

func TestTheIDCheckSeesEachChangeOfOneDigit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.SampledFrom(validIDs).Draw(t, "id")
		at := rapid.IntRange(0, 16).Draw(t, "at")
		put := rapid.ByteRange('0', '9').Draw(t, "put")
		changed := id[:at] + string(put) + id[at+1:]
		if changed != id && idCheck(changed[:17]) == id[17] {
			t.Fatalf("%s passes as %s", id, changed)
		}
	})
}

func FuzzParseCitizenID(f *testing.F) {
	for _, seed := range append(validIDs, "\xff", "１１０") {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id, _, err := ParseCitizenID(s, today)
		if err == nil && (len(id) != idLen || id.Birth().IsZero() || id.Age(today) < 0) {
			t.Errorf("%q gave %q", s, id)
		}
	})
}
