package gb

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// realCodes were published by their holders or in public lists.
var realCodes = map[string]Class{
	"53100000500019795A": ClassFoundation,
	"53100000500021676K": ClassFoundation,
	"53440300305837768J": ClassFoundation,
	"51100000500009247D": ClassAssociation,
	"51100000500012681T": ClassAssociation,
	"53100000500009167K": ClassFoundation,
	"53100000500021326D": ClassFoundation,
	"53310000MJ49517770": ClassFoundation, // remainder 0
	"52310104MJ49963266": ClassServiceOrganisation,
	"52310105MJ50200186": ClassServiceOrganisation,
	"52310107MJ5075334L": ClassServiceOrganisation,
	"52310230MJ5339125F": ClassServiceOrganisation,
	"51440300MJL1712376": ClassAssociation,
	"52440300MJL186084F": ClassServiceOrganisation,
	"51100000500002862F": ClassAssociation,
	"91350100M000100Y43": ClassCompany, // the standard's own example
	"12100000400009127B": ClassPublicInstitution,
}

// syntheticCodes were made for demonstrations and pass both checks.
var syntheticCodes = map[string]Class{
	"51130200MJ0000A11M": ClassAssociation,
	"52130200MJ0000B26Q": ClassServiceOrganisation,
	"52130202MJ0000C30R": ClassServiceOrganisation,
	"53130200MJ0000D450": ClassFoundation,
	"54130229ME0000E510": ClassVillagersCommittee,
	"55130203ME0000F66D": ClassResidentsCommittee,
}

func TestParseCreditCodeAcceptsRealCodesWithoutWarning(t *testing.T) {
	t.Parallel()
	for in, class := range realCodes {
		code, warnings, err := ParseCreditCode(in)
		if err != nil || len(warnings) != 0 || string(code) != in || code.Class() != class {
			t.Errorf("%s: %q, class %s, warnings %v, error %v", in, code, code.Class(), warnings, err)
		}
		if code.Authority() != in[2:8] {
			t.Errorf("%s: authority %s", in, code.Authority())
		}
	}
}

func TestParseCreditCodeLabelsCommitteesAndNeverRejectsThem(t *testing.T) {
	t.Parallel()
	for in, class := range syntheticCodes {
		code, warnings, err := ParseCreditCode(in)
		if err != nil || code.Class() != class {
			t.Errorf("%s: class %s, error %v", in, code.Class(), err)
		}
		committee := class == ClassVillagersCommittee || class == ClassResidentsCommittee
		if committee != slices.Equal(warnings, []Warning{WarnUnofficialCategory}) || !committee && len(warnings) > 0 {
			t.Errorf("%s: warnings %v", in, warnings)
		}
		if class.SocialOrganisation() == committee {
			t.Errorf("%s: is %s a social organisation?", in, class)
		}
	}
}

func TestParseCreditCodeLeavesAWrongCheckDigitToAPerson(t *testing.T) {
	t.Parallel()
	invented := map[string]byte{
		"53100000500020462H": 'K', "51100000500000024G": 'M', "534403005026799012": 'E',
		"531000005000074012": 'D', "53440300MJL0167883": 'P', "52110101MJ0018899X": 'T',
		"53100000MJ0000000X": 'U', "53100000500012015T": 'P',
	}
	for in, right := range invented {
		code, _, err := ParseCreditCode(in)
		var problem *Error
		if !errors.Is(err, ErrNeedsVerification) || !errors.As(err, &problem) || problem.Problem != ProblemCheckDigit {
			t.Errorf("%s: %v", in, err)
		}
		if string(code) != in {
			t.Errorf("%s: the code to verify is lost: %q", in, code)
		}
		if _, _, err := ParseCreditCode(in[:17] + string(right)); err != nil {
			t.Errorf("%s with check %c: %v", in, right, err)
		}
	}
}

func TestParseCreditCodeWarnsOfAnOddInside(t *testing.T) {
	t.Parallel()
	cases := map[string]Warning{
		"52100000500000784G":           WarnSubjectCheck,
		withCheck("B1100000500000784"): WarnUnknownDepartment,
	}
	for in, want := range cases {
		if _, warnings, err := ParseCreditCode(in); err != nil || !slices.Contains(warnings, want) {
			t.Errorf("%s: warnings %v, error %v, want %s", in, warnings, err, want)
		}
	}
}

func withCheck(first17 string) string {
	return first17 + string(codeCheck(CreditCode(first17)))
}

func TestParseCreditCodeMendsSpellingOnly(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		"  53310000mj49517770\n",
		"５３３１００００ＭＪ４９５１７７７０",
		"　53310000ｍｊ49517770　",
	} {
		if code, _, err := ParseCreditCode(in); err != nil || code != "53310000MJ49517770" {
			t.Errorf("%q: %q, %v", in, code, err)
		}
	}
}

func TestParseCreditCodeNamesTheProblem(t *testing.T) {
	t.Parallel()
	cases := map[string]Error{
		"":                    {Problem: ProblemLength},
		"5331000MJ49517770":   {Problem: ProblemLength},
		"53310000MJ495177700": {Problem: ProblemLength},
		"533100O0MJ49517770":  {Problem: ProblemCharacter, At: 7, Hint: "0"},
		"533100o0MJ49517770":  {Problem: ProblemCharacter, At: 7, Hint: "0"},
		"5331OOOOMJ49517770":  {Problem: ProblemCharacter, At: 5, Hint: "0"},
		"5331I000MJ49517770":  {Problem: ProblemCharacter, At: 5, Hint: "1"},
		"53310000MJ4951777Z":  {Problem: ProblemCharacter, At: 18, Hint: "2"},
		"S3310000MJ49517770":  {Problem: ProblemCharacter, At: 1, Hint: "5"},
		"53310000MV49517770":  {Problem: ProblemCharacter, At: 10, Hint: "U"},
		"91350100M000100YZ3":  {Problem: ProblemCharacter, At: 17, Hint: "2"},
		"5331000-MJ49517770":  {Problem: ProblemCharacter, At: 8},
		"5331000²MJ49517770":  {Problem: ProblemCharacter, At: 8},
		"533100A0MJ49517770":  {Problem: ProblemLayout, At: 7},
	}
	for in, want := range cases {
		code, _, err := ParseCreditCode(in)
		var got *Error
		if !errors.As(err, &got) || *got != want || code != "" || errors.Is(err, ErrNeedsVerification) {
			t.Errorf("%q: %q, %v, want %v", in, code, err, &want)
		}
	}
}

func TestClassesOfTheOtherPrefixes(t *testing.T) {
	t.Parallel()
	for prefix, want := range map[CreditCode]Class{
		"11": ClassGovernment, "13": ClassMassOrganisation, "59": ClassOtherSocial, "92": ClassSoleTrader,
		"93": ClassCooperative, "N1": ClassGroupCollective, "N2": ClassVillageCollective,
		"N3": ClassTownCollective, "81": ClassOther, "5": ClassOther, "": ClassOther,
	} {
		if got := prefix.Class(); got != want {
			t.Errorf("%q is %s, want %s", prefix, got, want)
		}
	}
}

func TestTheCheckDigitSeesEachChangeOfOneCharacterAndEachSwap(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.StringOfN(rapid.RuneFrom([]rune(codeAlphabet)), 17, 17, -1).Draw(t, "body")
		code := withCheck(body[:2] + "130202" + body[8:])
		if _, _, err := ParseCreditCode(code); err != nil {
			t.Fatalf("%s: %v", code, err)
		}
		at := rapid.IntRange(0, codeLen-1).Draw(t, "at")
		put := codeAlphabet[rapid.IntRange(0, 30).Draw(t, "put")]
		if changed := code[:at] + string(put) + code[at+1:]; changed != code {
			if _, _, err := ParseCreditCode(changed); err == nil {
				t.Fatalf("%s passes as %s", code, changed)
			}
		}
		if at > 0 && code[at-1] != code[at] {
			swapped := code[:at-1] + string(code[at]) + string(code[at-1]) + code[at+1:]
			if _, _, err := ParseCreditCode(swapped); err == nil {
				t.Fatalf("%s passes as %s", code, swapped)
			}
		}
	})
}

func TestErrorsNeverHoldTheNumber(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"534403005026799012", "5331000²MJ49517770", "533100A0MJ49517770", "1234567"} {
		if _, _, err := ParseCreditCode(in); err == nil || strings.Contains(err.Error(), in[:6]) {
			t.Errorf("%s: %v", in, err)
		}
	}
}

func FuzzParseCreditCode(f *testing.F) {
	for _, seed := range []string{"53310000MJ49517770", "５３３１", "\xff", "91350100M000100YZ3"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		code, _, err := ParseCreditCode(s)
		if err != nil {
			return
		}
		if again, _, err := ParseCreditCode(string(code)); err != nil || again != code || len(code) != codeLen {
			t.Errorf("%q gave %q, then %q, %v", s, code, again, err)
		}
	})
}
