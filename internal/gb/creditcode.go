package gb

import (
	"strings"
	"unicode"
)

// CreditCode is a unified social credit code in its one spelling: 18 half-width
// upper-case characters.
type CreditCode string

const (
	codeLen = 18
	// codeAlphabet is that of GB 32100-2015, without I O S V Z; the value of a
	// character is its place.
	codeAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	// bodyAlphabet is that of GB 11714, the older code inside.
	bodyAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	departments  = "123456789ANY"
)

// ParseCreditCode reads a code as people type it: white space around it, lower
// case and full-width characters are mended, nothing else is. The error is an
// *Error: LENGTH, CHARACTER (with the position, and a hint for the letters
// I O S V Z that the standard leaves out; the hint is never applied), LAYOUT if
// positions 3–8 are not digits, or CHECK_DIGIT, which is ErrNeedsVerification;
// only with the last of them is the code returned as well.
// Warnings do not refuse: see the Warn constants.
func ParseCreditCode(s string) (CreditCode, []Warning, error) {
	runes := []rune(strings.Map(halfWidthUpper, strings.TrimSpace(s)))
	if len(runes) != codeLen {
		return "", nil, &Error{Problem: ProblemLength}
	}
	for i, r := range runes {
		if !strings.ContainsRune(codeAlphabet, r) {
			return "", nil, &Error{Problem: ProblemCharacter, At: i + 1, Hint: meant(r)}
		}
	}
	for i, r := range runes[2:8] {
		if r > '9' {
			return "", nil, &Error{Problem: ProblemLayout, At: i + 3}
		}
	}
	code := CreditCode(runes)
	if code[codeLen-1] != codeCheck(code[:codeLen-1]) {
		return code, nil, &Error{Problem: ProblemCheckDigit, verify: true}
	}
	return code, code.warnings(), nil
}

// halfWidthUpper maps full-width forms and lower case of ASCII. It is not
// NFKC: that would make a digit of ② or ², which is a correction.
func halfWidthUpper(r rune) rune {
	if r >= '！' && r <= '～' {
		r -= '！' - '!'
	}
	if r >= 'a' && r <= 'z' {
		return r - 'a' + 'A'
	}
	return r
}

// meant names the character that a letter outside the alphabet is mistaken for.
func meant(r rune) string {
	switch unicode.ToUpper(r) {
	case 'O':
		return "0"
	case 'I':
		return "1"
	case 'Z':
		return "2"
	case 'S':
		return "5"
	case 'V':
		return "U"
	}
	return ""
}

// codeCheck computes character 18 of GB 32100-2015. The published formula
// leaves out the outer remainder, without which remainder 0 would have no
// character.
func codeCheck(first17 CreditCode) byte {
	sum, weight := 0, 1
	for i := range len(first17) {
		sum += strings.IndexByte(codeAlphabet, first17[i]) * weight
		weight = weight * 3 % 31
	}
	return codeAlphabet[(31-sum%31)%31]
}

// subjectChecks tests positions 9–17 against GB 11714.
func (c CreditCode) subjectChecks() bool {
	sum := 0
	for i, weight := range [8]int{3, 7, 9, 10, 5, 8, 4, 2} {
		sum += strings.IndexByte(bodyAlphabet, c[8+i]) * weight
	}
	const checks = "0X987654321" // by the remainder: 11 is written 0, 10 is written X
	return c[16] == checks[sum%11]
}

func (c CreditCode) warnings() []Warning {
	var found []Warning
	if !c.subjectChecks() {
		found = append(found, WarnSubjectCheck)
	}
	if class := c.Class(); class == ClassVillagersCommittee || class == ClassResidentsCommittee {
		found = append(found, WarnUnofficialCategory)
	}
	if strings.IndexByte(departments, c[0]) < 0 {
		found = append(found, WarnUnknownDepartment)
	}
	return found
}

// Authority returns the six-digit GB/T 2260 code of the registering authority;
// "100000" is the national level.
func (c CreditCode) Authority() string {
	if len(c) != codeLen {
		return ""
	}
	return string(c[2:8])
}
