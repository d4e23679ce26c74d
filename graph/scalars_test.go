package graph_test

import (
	"bytes"
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"pgregory.net/rapid"

	"github.com/fivesociety/linkage/graph"
	"github.com/fivesociety/linkage/internal/usecase"
)

func written(m graphql.Marshaler) string {
	var b bytes.Buffer
	m.MarshalGQL(&b)
	return b.String()
}

func TestDateTimeIsUTCInMilliseconds(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"2026-03-01T08:30:00Z":                "2026-03-01T08:30:00.000Z",
		"2026-03-01T16:30:00+08:00":           "2026-03-01T08:30:00.000Z",
		"2026-03-01T08:30:00.123999Z":         "2026-03-01T08:30:00.123Z",
		"2024-02-29T00:00:00.5+14:00":         "2024-02-28T10:00:00.500Z",
		"1969-12-31T23:59:59.9996-00:00":      "1969-12-31T23:59:59.999Z",
		"2026-03-01T08:30:00.000000000+00:00": "2026-03-01T08:30:00.000Z",
	} {
		got, err := graph.UnmarshalDateTime(in)
		if err != nil || written(graph.MarshalDateTime(got)) != `"`+want+`"` {
			t.Errorf("%s: %s, %v; want %s", in, written(graph.MarshalDateTime(got)), err, want)
		}
	}
	for _, in := range []any{
		"", "2026-03-01", "2026-03-01T08:30:00", "2026-02-30T00:00:00Z", "2026-03-01 08:30:00Z",
		"0000-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00", "2026-03-01T25:00:00Z", 1772353800, nil,
	} {
		if got, err := graph.UnmarshalDateTime(in); err == nil {
			t.Errorf("%v was taken as %v", in, got)
		}
	}
}

func TestDateIsADayOfTheCalendar(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"2026-03-01", "2024-02-29", "0001-01-01"} {
		got, err := graph.UnmarshalDate(in)
		if err != nil || got != usecase.Date(in) || written(graph.MarshalDate(got)) != `"`+in+`"` {
			t.Errorf("%s: %s, %v", in, got, err)
		}
	}
	for _, in := range []any{"", "2026-02-29", "2026-3-1", "20260301", "2026-03-01T00:00:00Z", 20260301, nil} {
		if got, err := graph.UnmarshalDate(in); err == nil {
			t.Errorf("%v was taken as %v", in, got)
		}
	}
}

func TestInt64KeepsEveryDigit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   any
		want int64
	}{
		{"9007199254740993", 9007199254740993},
		{json.Number("9007199254740993"), 9007199254740993},
		{int64(math.MinInt64), math.MinInt64},
		{"-9223372036854775808", math.MinInt64},
		{0, 0},
	} {
		if got, err := graph.UnmarshalInt64(c.in); err != nil || got != c.want {
			t.Errorf("%v: %d, %v", c.in, got, err)
		}
	}
	for _, in := range []any{"", "1.0", "1e3", "+1", " 1", "0x10", "1_000", "9223372036854775808", json.Number("1.5"), 1.5, true, nil} {
		if got, err := graph.UnmarshalInt64(in); err == nil {
			t.Errorf("%v was taken as %d", in, got)
		}
	}
}

func TestDurationIsISO8601(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]time.Duration{
		"PT0S": 0, "PT2H30M": 150 * time.Minute, "P1D": 24 * time.Hour, "P2DT1M": 48*time.Hour + time.Minute,
		"PT0.5S": 500 * time.Millisecond, "PT90M": 90 * time.Minute, "PT1H1M1.001S": time.Hour + time.Minute + 1001*time.Millisecond,
	} {
		if got, err := graph.UnmarshalDuration(in); err != nil || got != want {
			t.Errorf("%s: %v, %v; want %v", in, got, err, want)
		}
	}
	for _, in := range []any{
		"", "P", "PT", "P1DT", "2H", "PT2", "PT1M2H", "PT1H1H", "PT1.5H", "P1W", "P1Y", "P1M", "-PT1H", "PT-1H",
		"PT1e3S", "PT.S", "PT1.2.3S", "PT99999999999H", "P1D1H", "PTS", "pt1h", 3600, nil,
	} {
		if got, err := graph.UnmarshalDuration(in); err == nil {
			t.Errorf("%v was taken as %v", in, got)
		}
	}
	for d, want := range map[time.Duration]string{
		0: "PT0S", 90 * time.Minute: "PT1H30M", 26 * time.Hour: "PT26H", 1500 * time.Millisecond: "PT1.5S",
		-time.Minute: "-PT1M", 61*time.Second + 7*time.Microsecond: "PT1M1S",
	} {
		if got := written(graph.MarshalDuration(d)); got != `"`+want+`"` {
			t.Errorf("%v: %s; want %s", d, got, want)
		}
	}
}

// TestScalarsComeBackAsTheyWere: what is written can be read again, unchanged.
func TestScalarsComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64().Draw(t, "n")
		if got, err := graph.UnmarshalInt64(unquoted(t, graph.MarshalInt64(n))); err != nil || got != n {
			t.Fatalf("Int64 %d: %d, %v", n, got, err)
		}
		at := time.UnixMilli(rapid.Int64Range(-62135596800000, 253402300799999).Draw(t, "at")).UTC()
		if got, err := graph.UnmarshalDateTime(unquoted(t, graph.MarshalDateTime(at))); err != nil || !got.Equal(at) {
			t.Fatalf("DateTime %v: %v, %v", at, got, err)
		}
		d := time.Duration(rapid.Int64Range(0, math.MaxInt64/2000000).Draw(t, "ms")) * time.Millisecond
		if got, err := graph.UnmarshalDuration(unquoted(t, graph.MarshalDuration(d))); err != nil || got != d {
			t.Fatalf("Duration %v: %v, %v", d, got, err)
		}
	})
}

func unquoted(t *rapid.T, m graphql.Marshaler) string {
	var s string
	if err := json.Unmarshal([]byte(written(m)), &s); err != nil {
		t.Fatal(err)
	}
	return s
}
