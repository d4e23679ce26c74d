package feed

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
)

const cursorPurpose = "feed"

// Cursor is where the log ends now, sealed, with the rights that a has at this moment.
// Read it before a list that is made with the same rights: who subscribes after it
// misses nothing that the list does not show, and a mirror is told when rights came in
// between.
func (h *Hub) Cursor(ctx context.Context, a access.Actor) (string, error) {
	end, _, err := h.db.LogEnd(ctx)
	if err != nil {
		return "", err
	}
	return h.seal(end, printOf(a.Live(h.now()))), nil
}

// Check refuses with CURSOR_INVALID a cursor that this store never gave out.
func (h *Hub) Check(ctx context.Context, cursor string) error {
	end, _, err := h.db.LogEnd(ctx)
	if err == nil {
		_, _, err = h.open(cursor, end)
	}
	return err
}

// seal makes a cursor: a place in this store's log, and the print of the rights that
// led there.
func (h *Hub) seal(seq int64, print string) string {
	return h.cfg.Box.Seal(cursorPurpose, []byte(h.db.Code()+":"+strconv.FormatInt(seq, 10)+":"+print))
}

// open reads a cursor; CURSOR_INVALID for what this store never gave out.
func (h *Hub) open(cursor string, end int64) (seq int64, print string, err error) {
	bad := fault.New(fault.CodeCursorInvalid, fault.At("after"))
	plain, err := h.cfg.Box.Open(cursorPurpose, cursor)
	if err != nil {
		return 0, "", bad
	}
	code, rest, ok := strings.Cut(string(plain), ":")
	number, print, _ := strings.Cut(rest, ":")
	seq, err = strconv.ParseInt(number, 10, 64)
	if !ok || err != nil || code != h.db.Code() || seq < 0 || seq > end {
		return 0, "", bad
	}
	return seq, print, nil
}

// keptSince is the time of the oldest entry in the resume window that ends at end.
func (h *Hub) keptSince(ctx context.Context, end int64) (time.Time, error) {
	entries, err := h.db.Log(ctx, store.LogQuery{After: end - h.cfg.Window, Limit: 1})
	if err != nil || len(entries) == 0 {
		return h.cfg.Clock.Now(), err
	}
	return entries[0].At, nil
}
