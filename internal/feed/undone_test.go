package feed_test

import (
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/fault"
)

// A store that went back to an older backup has other entries in the places of those that were
// lost: cursors of the lost time are refused even when the log has grown past them, and those
// of before, and such as carry no mark, are read.
func TestCursorsOfALostTimeAreRefused(t *testing.T) {
	t.Parallel()
	was, is := newWorld(t), newWorld(t) // one code, one key
	shared, lost := map[string]string{}, map[string]string{}
	for _, w := range []*world{was, is} {
		m := w.member("acc_1", coord)
		w.put("a", touch)
		cursors := lost
		if w == is {
			w.clock.Advance(time.Hour) // the backup is served again
			cursors = map[string]string{}
		}
		end := func(into map[string]string) {
			cursor, err := w.hub.Cursor(t.Context(), m.Actor)
			if err != nil {
				t.Fatal(err)
			}
			into["beside a list"] = cursor
			pulled, err := w.hub.Pull(t.Context(), m, 100)
			if err != nil {
				t.Fatal(err)
			}
			into["of a pull"], into["of a pull's end"], into["of a pulled event"] = pulled.Cursor, pulled.End, pulled.Events[len(pulled.Events)-1].Cursor
		}
		if w == was {
			end(shared)
		}
		_, k := w.follow(m)
		k.next(t)
		w.put("a", touch)
		it, _ := k.next(t)
		cursors["of an event"] = it.Cursor
		end(cursors)
		_, late := w.follow(m)
		it, _ = late.next(t)
		cursors["of a checkpoint"] = it.Cursor
	}
	for range 5 {
		is.put("a", touch)
	}
	try := func(w *world, cursor string) []error {
		m := w.member("acc_1", coord)
		m.After = cursor
		s, err := w.hub.Subscribe(t.Context(), m)
		if err == nil {
			s.Close()
		}
		_, pull := w.hub.Pull(t.Context(), m, 5)
		return []error{err, pull, w.hub.Check(t.Context(), cursor)}
	}
	for name, cursor := range lost {
		for i := range 3 {
			if err := try(is, cursor)[i]; fault.CodeOf(err) != fault.CodeCursorInvalid {
				t.Errorf("%s, %d: %v", name, i, err)
			}
			if err := try(was, cursor)[i]; err != nil {
				t.Errorf("%s in its own store, %d: %v", name, i, err)
			}
		}
	}
	shared["without a mark"] = is.box.Seal("feed", []byte("ts:3:"))
	shared["of the oldest form"] = is.box.Seal("feed", []byte("ts:3"))
	for name, cursor := range shared {
		for i := range 3 {
			if err := try(is, cursor)[i]; err != nil {
				t.Errorf("%s, of before, %d: %v", name, i, err)
			}
		}
	}
}
