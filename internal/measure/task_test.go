package measure_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/fivesociety/linkage/internal/measure"
)

var nine = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// task is work of some minutes between two minutes after nine.
func task(from, to, length int) measure.Task {
	at := func(m int) time.Time { return nine.Add(time.Duration(m) * time.Minute) }
	return measure.Task{Window: measure.Window{From: at(from), To: at(to)}, Length: time.Duration(length) * time.Minute}
}

func TestClash(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		task     measure.Task
		promised []measure.Task
		want     string // minutes after nine; "" for no clash
	}{
		"nothing promised":      {task(0, 60, 60), nil, ""},
		"one after the other":   {task(60, 120, 60), []measure.Task{task(0, 60, 60)}, ""},
		"the same hour":         {task(0, 60, 60), []measure.Task{task(0, 60, 60)}, "60"},
		"an hour of a day":      {task(60, 120, 60), []measure.Task{task(0, 480, 60)}, ""},
		"a day but for an hour": {task(60, 120, 60), []measure.Task{task(0, 480, 420)}, "420"},
		"both move":             {task(0, 120, 60), []measure.Task{task(0, 120, 60)}, ""},
		"three hours in two":    {task(0, 120, 60), []measure.Task{task(0, 120, 60), task(0, 120, 60)}, "120"},
		"pushed along a chain":  {task(180, 240, 60), []measure.Task{task(0, 120, 120), task(60, 300, 180)}, "300"},
	} {
		got := ""
		if at := c.task.Clash(c.promised); !at.IsZero() {
			got = fmt.Sprint(at.Sub(nine).Minutes())
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// Clash against the trial of every plan: it never refuses what some plan can hold, and
// no moment before the one it names would do.
func TestClashRefusesNothingThatAPlanCanHold(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		draw := rapid.Custom(func(t *rapid.T) measure.Task {
			length := rapid.IntRange(1, 5).Draw(t, "length")
			from := rapid.IntRange(0, 8).Draw(t, "from")
			return task(from, from+length+rapid.IntRange(0, 4).Draw(t, "slack"), length)
		})
		promised := rapid.SliceOfN(draw, 0, 4).Draw(t, "promised")
		if !plan(nine, promised) { // nobody could have promised it
			t.Skip()
		}
		asked := draw.Draw(t, "asked")
		clear := asked.Clash(promised)
		if clear.IsZero() {
			return
		}
		if plan(nine, append([]measure.Task{asked}, promised...)) {
			t.Fatalf("%v is refused beside %v", asked, promised)
		}
		for at := asked.From; at.Before(clear); at = at.Add(time.Minute) {
			fixed := measure.Task{Window: measure.Window{From: at, To: at.Add(asked.Length)}, Length: asked.Length}
			if plan(nine, append([]measure.Task{fixed}, promised...)) {
				t.Fatalf("%v beside %v: %v is told, %v would do", asked, promised, clear, at)
			}
		}
	})
}

// plan reports whether the tasks can be done one after another in some order.
func plan(now time.Time, tasks []measure.Task) bool {
	for i, task := range tasks {
		begin := task.From
		if begin.Before(now) {
			begin = now
		}
		end := begin.Add(task.Length)
		if end.After(task.To) {
			continue
		}
		rest := append(append([]measure.Task{}, tasks[:i]...), tasks[i+1:]...)
		if plan(end, rest) {
			return true
		}
	}
	return len(tasks) == 0
}
