package feed_test

import (
	"context"
	"testing"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/feed"
	"github.com/fivesociety/linkage/internal/store"
)

// relate changes a row's header as what it belongs to did.
func (w *world) relate(id string, change func(*access.Header)) {
	w.t.Helper()
	w.tx(func(ctx context.Context) error {
		x, err := w.things.Get(ctx, id)
		if err != nil {
			return err
		}
		change(&x.Header)
		return w.things.Touch(ctx, x, store.Note{Kind: "thing.related"})
	})
}

// Who is barred goes and comes back; nobody else hears of it, live or later. What one sees of
// a row that was related is told.
func TestOnlyTheBarredHearThatTheyAre(t *testing.T) {
	w := newWorld(t)
	screened := feed.Protected(access.Noun{Name: "thing", Screened: true})
	kin, peer := w.member("acc_kin", coord), w.member("acc_peer", coord)
	kin.Nouns, peer.Nouns = []feed.Interest{screened}, []feed.Interest{screened}
	a, b := w.live(kin), w.live(peer)
	w.put("thg_a", func(*thing) {})
	w.relate("thg_a", func(h *access.Header) { h.Barred = []string{"acc_kin"} })
	w.relate("thg_a", func(h *access.Header) { h.Barred = nil })
	w.relate("thg_a", func(h *access.Header) { h.Relate(access.PartyLead, "wrk_a") })
	w.want(a, "entered thg_a 4", "left thg_a", "entered thg_a 4", "changed thg_a 4")
	w.want(b, "entered thg_a 4", "changed thg_a 4")
	batch, err := w.hub.Pull(t.Context(), peer, 10)
	if err != nil || len(batch.Events) != 2 {
		t.Errorf("%d are pulled, %v", len(batch.Events), err)
	}
}
