package clock

import (
	"sync"
	"time"
)

// Manual is a clock for tests: it stands still until Advance moves it.
type Manual struct {
	mu     sync.Mutex
	now    time.Time
	timers map[*manualTimer]struct{}
}

type manualTimer struct {
	clock *Manual
	at    time.Time
	call  func()
}

// NewManual makes a clock that stands at the given moment.
func NewManual(at time.Time) *Manual {
	return &Manual{now: at, timers: map[*manualTimer]struct{}{}}
}

// Now is the moment the clock stands at.
func (m *Manual) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

// AfterFunc asks for a call once Advance has moved the clock by d.
func (m *Manual) AfterFunc(d time.Duration, f func()) Timer {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := &manualTimer{clock: m, at: m.now.Add(d), call: f}
	m.timers[t] = struct{}{}
	return t
}

// Advance moves the clock and makes the calls that fall due, in order of time,
// before it returns. Calls asked for meanwhile count as well.
func (m *Manual) Advance(d time.Duration) {
	m.mu.Lock()
	goal := m.now.Add(d)
	for {
		next := m.earliest(goal)
		if next == nil {
			break
		}
		delete(m.timers, next)
		if next.at.After(m.now) {
			m.now = next.at
		}
		m.mu.Unlock()
		next.call()
		m.mu.Lock()
	}
	if goal.After(m.now) {
		m.now = goal
	}
	m.mu.Unlock()
}

// Waiting is how many calls are asked for; tests use it to know that a part has
// begun to wait.
func (m *Manual) Waiting() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.timers)
}

func (m *Manual) earliest(goal time.Time) *manualTimer {
	var best *manualTimer
	for t := range m.timers {
		if !t.at.After(goal) && (best == nil || t.at.Before(best.at)) {
			best = t
		}
	}
	return best
}

func (t *manualTimer) Stop() bool {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	_, there := t.clock.timers[t]
	delete(t.clock.timers, t)
	return there
}
