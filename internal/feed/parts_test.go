package feed

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/store"
)

// parted reads "a1 b2" as two parts in one state each.
func parted(v store.Values) map[string]string {
	out := map[string]string{}
	for _, p := range strings.Fields(v[0].(string)) {
		out[p[:1]] = p[1:]
	}
	return out
}

// Each part of a row is told of by itself; all but the last of an entry leave the feed in
// front of it, so that who resumes there hears the whole entry.
func TestARowIsToldInParts(t *testing.T) {
	t.Parallel()
	const hidden, blind, full = access.Hidden, access.Blind, access.Full
	for _, c := range []struct {
		was, is       string
		before, after access.Mask
		want          []string
	}{
		{"", "a1 b1", blind, blind, []string{"a Entered 6", "b Entered 7"}},
		{"a1 b1", "a1 b2", blind, blind, []string{"b Changed 7"}},
		{"a1 b1 c1", "a2 c1 d1", blind, blind, []string{"a Changed 6", "b Left 6", "d Entered 7"}},
		{"a1 b1", "a1 b1", blind, blind, nil},
		{"a1 b1", "a1 b1", blind, full, []string{"a Changed 6", "b Changed 7"}}, // more of it is shown
		{"a1 b1", "a2 b1", blind, hidden, []string{"a Left 6", "b Left 7"}},
		{"a1 b1", "a2", hidden, blind, []string{"a Entered 7"}},
	} {
		l := &lens{parts: parted}
		e := &store.Entry{Seq: 7, Before: store.Values{c.was}, After: store.Values{c.is}}
		var got []string
		for _, ev := range l.split(e, Event{Seq: 7, Entry: e, Mask: c.after}, c.before) {
			if (ev.Entry == nil) != (ev.Kind == Left) {
				t.Errorf("%s to %s: a %d with entry %v", c.was, c.is, ev.Kind, ev.Entry)
			}
			got = append(got, fmt.Sprintf("%s %s %d", ev.Part, map[Kind]string{Changed: "Changed", Entered: "Entered", Left: "Left"}[ev.Kind], ev.Seq))
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q at %d to %q at %d: %v, want %v", c.was, c.before, c.is, c.after, got, c.want)
		}
	}
}
