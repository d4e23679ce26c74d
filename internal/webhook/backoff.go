package webhook

import "time"

// How long a refused event waits before each further attempt, and for how long it is
// tried at all.
var waits = []time.Duration{
	time.Second, 5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour,
}

const (
	tryFor   = 72 * time.Hour
	probeMax = time.Minute // a target that refuses everything is asked with new events that seldom
)

// wait is the pause after so many attempts, a fifth more or less by chance in [0, 1),
// so that many failures of one moment do not come back at one moment.
func wait(attempts int, chance float64) time.Duration {
	d := waits[min(max(attempts, 1), len(waits))-1]
	return time.Duration(float64(d) * (0.8 + 0.4*chance))
}

// due reports whether a moment has come. A clock that was set back does not hold an
// event longer than the longest pause.
func due(at, now time.Time) bool {
	longest := waits[len(waits)-1] * 6 / 5
	return !now.Before(at) || at.Sub(now) > longest
}
