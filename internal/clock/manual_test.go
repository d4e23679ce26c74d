package clock_test

import (
	"slices"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/clock"
)

func TestManualCallsInOrderAndOnlyWhenDue(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)
	m := clock.NewManual(start)
	var got []string
	note := func(s string) func() { return func() { got = append(got, s+m.Now().Format(" 05")) } }
	m.AfterFunc(3*time.Second, note("c"))
	m.AfterFunc(time.Second, func() { note("a")(); m.AfterFunc(time.Second, note("b")) })
	stopped := m.AfterFunc(2*time.Second, note("never"))
	if !stopped.Stop() || stopped.Stop() {
		t.Fatal("Stop says true once")
	}
	m.Advance(2 * time.Second)
	if want := []string{"a 01", "b 02"}; !slices.Equal(got, want) {
		t.Fatalf("after 2 s: %v, want %v", got, want)
	}
	m.Advance(10 * time.Second)
	if want := []string{"a 01", "b 02", "c 03"}; !slices.Equal(got, want) {
		t.Fatalf("after 12 s: %v, want %v", got, want)
	}
	if m.Waiting() != 0 || !m.Now().Equal(start.Add(12*time.Second)) {
		t.Fatalf("waiting %d at %v", m.Waiting(), m.Now())
	}
}
