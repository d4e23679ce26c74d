package usecase

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/gb"
	"github.com/fivesociety/linkage/internal/store"
)

// Text checks one line or paragraph of input: valid UTF-8 without control
// characters (TEXT_INVALID), at most max characters (TOO_LONG), not empty if
// required (REQUIRED). It returns the text trimmed.
func Text(s string, max int, required bool, path ...string) (string, error) {
	s = strings.TrimSpace(s)
	switch {
	case !utf8.ValidString(s) || strings.ContainsFunc(s, forbidden):
		return "", fault.New(fault.CodeTextInvalid, fault.At(path...))
	case s == "" && required:
		return "", fault.New(fault.CodeRequired, fault.At(path...))
	case utf8.RuneCountInString(s) > max:
		return "", fault.New(fault.CodeTooLong, fault.At(path...), fault.P("max", max))
	}
	return s, nil
}

func forbidden(r rune) bool {
	switch {
	case r == '\n', r == '\t', r == '\r':
		return false
	case r == utf8.RuneError, unicode.IsControl(r):
		return true
	case r == '\u200c', r == '\u200d': // joiners shape letters and emoji
		return false
	}
	// Other format characters are invisible or turn the reading direction: a name
	// made of them shows as nothing, or as another.
	return unicode.Is(unicode.Cf, r)
}

// FreeText is Text for free words: citizen numbers in it are masked before
// anything is saved, and a notice says so.
func FreeText(s string, max int, required bool, path ...string) (string, []Notice, error) {
	s, err := Text(s, max, required, path...)
	if err != nil {
		return "", nil, err
	}
	masked, n := gb.MaskCitizenIDs(s)
	if n == 0 {
		return s, nil, nil
	}
	return masked, []Notice{{Code: "ID_NUMBER_MASKED", Path: path}}, nil
}

// ID checks that an id is of the wanted type (ID_INVALID). Whether it exists is
// the caller's next question.
func ID(id, prefix string, path ...string) error {
	if store.IDPrefix(id) != prefix || len(id) > 64 || !utf8.ValidString(id) {
		return fault.New(fault.CodeIDInvalid, fault.At(path...), fault.P("want", prefix+"_…"))
	}
	return nil
}

// InList checks a coded value against a code list (CODE_UNKNOWN).
func InList(list codes.List, value string, path ...string) error {
	if !codes.Known(list, value) {
		return fault.New(fault.CodeCodeUnknown, fault.At(path...), fault.P("list", string(list)), fault.P("value", clip(value)))
	}
	return nil
}

// ListOf checks coded values against a code list, at most max of them (TOO_MANY,
// CODE_UNKNOWN at the value's place); each stands once in what it returns, in order.
func ListOf(list codes.List, values []string, max int, path ...string) ([]string, error) {
	if len(values) > max {
		return nil, fault.New(fault.CodeTooMany, fault.At(path...), fault.P("max", max))
	}
	out := make([]string, 0, len(values))
	for i, v := range values {
		if err := InList(list, v, append(slices.Clone(path), strconv.Itoa(i))...); err != nil {
			return nil, err
		}
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out, nil
}

func clip(s string) string {
	if len(s) > 40 || !utf8.ValidString(s) {
		return "…"
	}
	return s
}
