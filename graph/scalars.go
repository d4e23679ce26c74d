package graph

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/fivesociety/linkage/internal/usecase"
)

// dateTimeLayout is RFC 3339 in UTC with milliseconds, always of one length, so
// that moments sort as text.
const dateTimeLayout = "2006-01-02T15:04:05.000Z"

var (
	errDateTime = errors.New("a DateTime is RFC 3339 with an offset, such as 2026-03-01T08:30:00.000Z")
	errDate     = errors.New("a Date is a day, such as 2026-03-01")
	errInt64    = errors.New("an Int64 is a whole number of 64 bits, as text or as an integer")
	errDuration = errors.New("a Duration is ISO 8601 in days, hours, minutes and seconds, such as PT2H30M")
)

// MarshalDateTime writes a moment in UTC, cut to milliseconds.
func MarshalDateTime(t time.Time) graphql.Marshaler {
	return text(t.UTC().Format(dateTimeLayout))
}

// UnmarshalDateTime reads RFC 3339 with any offset. The moment is in UTC and cut to
// milliseconds, as it will be stored. Years outside 1 to 9999 are refused: they
// could not be written again.
func UnmarshalDateTime(v any) (time.Time, error) {
	s, ok := v.(string)
	if !ok {
		return time.Time{}, errDateTime
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}, errDateTime
	}
	t = t.UTC().Truncate(time.Millisecond)
	if t.Year() < 1 || t.Year() > 9999 {
		return time.Time{}, errDateTime
	}
	return t, nil
}

// MarshalDate writes a day.
func MarshalDate(d usecase.Date) graphql.Marshaler { return graphql.MarshalString(string(d)) }

// UnmarshalDate reads a day that is in the calendar.
func UnmarshalDate(v any) (usecase.Date, error) {
	s, ok := v.(string)
	if !ok {
		return "", errDate
	}
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return "", errDate
	}
	return usecase.Date(s), nil
}

// MarshalInt64 writes a whole number as text.
func MarshalInt64(n int64) graphql.Marshaler { return text(strconv.FormatInt(n, 10)) }

// UnmarshalInt64 reads a whole number given as text or as an integer: "1500", 1500.
// Fractions, exponents and what does not fit in 64 bits are refused.
func UnmarshalInt64(v any) (int64, error) {
	switch v := v.(type) {
	case string:
		return parseInt64(v)
	case json.Number:
		return parseInt64(v.String())
	case int64:
		return v, nil
	case int:
		return int64(v), nil
	}
	return 0, errInt64
}

func parseInt64(s string) (int64, error) {
	if strings.HasPrefix(s, "+") {
		return 0, errInt64
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, errInt64
	}
	return n, nil
}

// MarshalDuration writes a length of time in hours, minutes and seconds, cut to
// milliseconds: PT2H30M; PT0S for none.
func MarshalDuration(d time.Duration) graphql.Marshaler {
	var b strings.Builder
	d = d.Truncate(time.Millisecond)
	rest := uint64(d.Milliseconds())
	if d < 0 {
		b.WriteByte('-')
		rest = -rest
	}
	b.WriteString("PT")
	if h := rest / 3_600_000; h > 0 {
		fmt.Fprintf(&b, "%dH", h)
	}
	if m := rest / 60_000 % 60; m > 0 {
		fmt.Fprintf(&b, "%dM", m)
	}
	if ms := rest % 60_000; ms > 0 || rest == 0 {
		b.WriteString(strconv.FormatFloat(float64(ms)/1000, 'f', -1, 64) + "S")
	}
	return text(b.String())
}

// UnmarshalDuration reads P…DT…H…M…S, each part at most once and in this order; only
// seconds may have a fraction. Years, months and weeks have no fixed length, or none
// anybody needs here, and are refused, as is a negative length.
func UnmarshalDuration(v any) (time.Duration, error) {
	s, ok := v.(string)
	if !ok {
		return 0, errDuration
	}
	s, ok = strings.CutPrefix(s, "P")
	days, clock, timed := strings.Cut(s, "T")
	if !ok || s == "" || (timed && clock == "") {
		return 0, errDuration
	}
	total, rest, err := take(days, 'D', 24*time.Hour, 0)
	if err != nil || rest != "" {
		return 0, errDuration
	}
	for _, part := range []struct {
		mark byte
		unit time.Duration
	}{{'H', time.Hour}, {'M', time.Minute}, {'S', time.Second}} {
		if total, clock, err = take(clock, part.mark, part.unit, total); err != nil {
			return 0, err
		}
	}
	if clock != "" {
		return 0, errDuration
	}
	return total, nil
}

// take reads one "<number><mark>" from the front of s, if it is there, and adds it.
func take(s string, mark byte, unit, sum time.Duration) (time.Duration, string, error) {
	end := strings.IndexByte(s, mark)
	if end < 0 {
		return sum, s, nil
	}
	digits := s[:end]
	if strings.Trim(digits, "0123456789") != "" && (mark != 'S' || strings.Trim(digits, ".0123456789") != "") {
		return 0, "", errDuration
	}
	n, err := strconv.ParseFloat(digits, 64)
	if err != nil || n*float64(unit)+float64(sum) >= math.MaxInt64 {
		return 0, "", errDuration
	}
	return sum + time.Duration(math.Round(n*unit.Seconds()*1000))*time.Millisecond, s[end+1:], nil
}

// text writes a string that needs no escaping.
func text(s string) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) { _, _ = io.WriteString(w, `"`+s+`"`) })
}
