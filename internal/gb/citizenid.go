package gb

import (
	"strings"
	"time"
)

// CitizenID is a citizen ID number in its one spelling: 17 digits and a digit
// or X. It is personal data: it never goes into a log or an error.
type CitizenID string

const (
	idLen = 18
	// firstBirth is the earliest year of birth: an example of the standard itself
	// is of 1880, and the records of the dead are numbers too.
	firstBirth = 1800
)

// ParseCitizenID reads a number as people type it: white space around it, full
// width and a lower-case x are mended, nothing else is. The error is an *Error:
// LENGTH (numbers of 15 digits are obsolete), CHARACTER, DATE if the digits of
// birth are no date, lie before 1800 or after today, or CHECK_DIGIT. The area is
// that of first registration and may be abolished since, so an unknown province
// is only WarnUnknownArea. Numbers of residents of Hong Kong, Macau and Taiwan
// (81–83) and of foreign permanent residents (9) are valid.
func ParseCitizenID(s string, today time.Time) (CitizenID, []Warning, error) {
	runes := []rune(strings.Map(halfWidthUpper, strings.TrimSpace(s)))
	if len(runes) != idLen {
		return "", nil, &Error{Problem: ProblemLength}
	}
	for i, r := range runes {
		if (r < '0' || r > '9') && (r != 'X' || i != idLen-1) {
			return "", nil, &Error{Problem: ProblemCharacter, At: i + 1, Hint: meantDigit(r)}
		}
	}
	id := CitizenID(runes)
	year, month, day := today.Date()
	birth, ok := birthOf(string(id[6:14]))
	if !ok || birth.After(time.Date(year, month, day, 0, 0, 0, 0, time.UTC)) {
		return "", nil, &Error{Problem: ProblemDate, At: 7}
	}
	if id[idLen-1] != idCheck(string(id[:idLen-1])) {
		return "", nil, &Error{Problem: ProblemCheckDigit}
	}
	if !knownProvince(string(id[:2])) {
		return id, []Warning{WarnUnknownArea}, nil
	}
	return id, nil, nil
}

// meantDigit is meant without the letter that only a credit code has.
func meantDigit(r rune) string {
	if hint := meant(r); hint != "U" {
		return hint
	}
	return ""
}

// idCheck computes character 18 of GB 11643-1999 from 17 digits.
func idCheck(first17 string) byte {
	sum, weight := 0, 2
	for i := len(first17) - 1; i >= 0; i-- {
		sum += int(first17[i]-'0') * weight
		weight = weight * 2 % 11
	}
	return "10X98765432"[sum%11]
}

// birthOf reads eight digits as a possible date of birth.
func birthOf(digits string) (time.Time, bool) {
	// The layout refuses 29 February of a common year and month 13.
	birth, err := time.Parse("20060102", digits)
	return birth, err == nil && birth.Year() >= firstBirth
}

// knownProvince knows GB/T 2260 and the numbers of residence permits.
func knownProvince(two string) bool {
	switch two[0] {
	case '9':
		return true
	case '1':
		return two[1] >= '1' && two[1] <= '5'
	case '2':
		return two[1] >= '1' && two[1] <= '3'
	case '3':
		return two[1] >= '1' && two[1] <= '7'
	case '4':
		return two[1] >= '1' && two[1] <= '6'
	case '5':
		return two[1] <= '4'
	case '6':
		return two[1] >= '1' && two[1] <= '5'
	case '7':
		return two[1] == '1'
	case '8':
		return two[1] >= '1' && two[1] <= '3'
	}
	return false
}

// Birth returns the day of birth at midnight UTC, the zero time if id is not
// from ParseCitizenID.
func (id CitizenID) Birth() time.Time {
	if len(id) != idLen {
		return time.Time{}
	}
	birth, _ := birthOf(string(id[6:14]))
	return birth
}

// Age returns the completed years of life on the calendar day of on in its own
// zone. Who was born on 29 February completes a common year on 1 March.
func (id CitizenID) Age(on time.Time) int {
	birth := id.Birth()
	age := on.Year() - birth.Year()
	if on.Month() < birth.Month() || on.Month() == birth.Month() && on.Day() < birth.Day() {
		age--
	}
	return age
}

// Masked returns the number for staff, with the date of birth hidden:
// 130202********0016. Public pages show no part of a number.
func (id CitizenID) Masked() string {
	if len(id) != idLen {
		return strings.Repeat("*", len(id))
	}
	return string(id[:6]) + "********" + string(id[14:])
}
