package gb

import (
	"errors"
	"fmt"
)

// Problem says why a number was refused.
type Problem string

// The problems, in the order in which they are looked for.
const (
	ProblemLength     Problem = "LENGTH"      // not 18 characters
	ProblemCharacter  Problem = "CHARACTER"   // a character outside the alphabet
	ProblemLayout     Problem = "LAYOUT"      // a letter where the standard has a digit
	ProblemDate       Problem = "DATE"        // no possible date of birth
	ProblemCheckDigit Problem = "CHECK_DIGIT" // the last character does not fit the others
)

// ErrNeedsVerification is what errors.Is finds in the error of a credit code
// whose check digit alone is wrong. Some early codes are said to be like that:
// such a code is neither accepted nor thrown away, a person verifies it with
// evidence.
var ErrNeedsVerification = errors.New("needs manual verification with evidence")

// Error says what is wrong with a number. It never holds the number: it may go
// into logs.
type Error struct {
	Problem Problem
	// At is the position of a wrong character, counted from 1; 0 if the problem
	// has no position.
	At int
	// Hint is the character that was probably meant at At (O is often 0), else "".
	Hint string

	verify bool
}

func (e *Error) Error() string {
	switch {
	case e.Hint != "":
		return fmt.Sprintf("%s at position %d, probably %s is meant", e.Problem, e.At, e.Hint)
	case e.At > 0:
		return fmt.Sprintf("%s at position %d", e.Problem, e.At)
	case e.verify:
		return fmt.Sprintf("%s: %v", e.Problem, ErrNeedsVerification)
	}
	return string(e.Problem)
}

// Is makes errors.Is find ErrNeedsVerification.
func (e *Error) Is(target error) bool {
	return target == ErrNeedsVerification && e.verify
}

// Warning names something odd in an accepted number.
type Warning string

// The warnings.
const (
	// WarnSubjectCheck: positions 9–17 of a credit code fail the check of
	// GB 11714. Real codes pass it, invented ones usually fail.
	WarnSubjectCheck Warning = "SUBJECT_CHECK"
	// WarnUnofficialCategory: the code begins with 54 or 55, which are used for
	// villagers' and residents' committees but stand in no table we have read.
	WarnUnofficialCategory Warning = "UNOFFICIAL_CATEGORY"
	// WarnUnknownDepartment: the first character names no registering department.
	WarnUnknownDepartment Warning = "UNKNOWN_DEPARTMENT"
	// WarnUnknownArea: the first two digits of an ID number name no province.
	WarnUnknownArea Warning = "UNKNOWN_AREA"
)
