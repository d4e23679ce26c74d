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
	end, at, err := h.db.LogEnd(ctx)
	if err != nil {
		return "", err
	}
	return h.seal(end, printOf(a.Live(h.now())), markOf(at)), nil
}

// Check refuses with CURSOR_INVALID a cursor that this store never gave out, or gave out in a
// time that a backup has undone.
func (h *Hub) Check(ctx context.Context, cursor string) error {
	end, _, err := h.db.LogEnd(ctx)
	if err == nil {
		_, err = h.open(ctx, cursor, end)
	}
	return err
}

// position is what a cursor says.
type position struct {
	seq   int64
	print string // of the rights that led there; "" where it carries none
	mark  int64  // see markOf
}

// markOf tells an entry from another that a store has in its place after it went back to an
// older backup; 0 is none. Entries of one store do not have that in common.
func markOf(at time.Time) int64 {
	if at.IsZero() {
		return 0
	}
	return at.UnixMilli()
}

// seal makes a cursor: a place in this store's log, the print of the rights that led there,
// and the mark of the entry at that place, if it is known.
func (h *Hub) seal(seq int64, print string, mark int64) string {
	text := h.db.Code() + ":" + strconv.FormatInt(seq, 10) + ":" + print
	if seq > 0 && mark != 0 {
		text += ":" + strconv.FormatInt(mark, 36)
	}
	return h.cfg.Box.Seal(cursorPurpose, []byte(text))
}

// open reads a cursor; CURSOR_INVALID for what this store never gave out, as far as it can
// tell: cursors of before marks, and some of between two parts of a row, have none.
func (h *Hub) open(ctx context.Context, cursor string, end int64) (position, error) {
	bad := fault.New(fault.CodeCursorInvalid, fault.At("after"))
	plain, err := h.cfg.Box.Open(cursorPurpose, cursor)
	if err != nil {
		return position{}, bad
	}
	fields := strings.Split(string(plain), ":")
	if len(fields) < 2 || len(fields) > 4 || fields[0] != h.db.Code() {
		return position{}, bad
	}
	fields = append(fields, "", "")
	p := position{print: fields[2]}
	if p.seq, err = strconv.ParseInt(fields[1], 10, 64); err != nil || p.seq < 0 || p.seq > end {
		return position{}, bad
	}
	if fields[3] == "" {
		return p, nil
	}
	if p.mark, err = strconv.ParseInt(fields[3], 36, 64); err != nil {
		return position{}, bad
	}
	stands, err := h.stands(ctx, p)
	if err == nil && !stands {
		err = bad
	}
	return p, err
}

// stands reports whether the log has at a place the entry that a mark is of.
func (h *Hub) stands(ctx context.Context, p position) (bool, error) {
	h.mu.Lock()
	entries, inMemory := h.ring.since(p.seq-1, 1)
	h.mu.Unlock()
	if !inMemory || len(entries) == 0 {
		var err error
		if entries, err = h.db.Log(ctx, store.LogQuery{After: p.seq - 1, Until: p.seq, Limit: 1}); err != nil {
			return false, err
		}
	}
	return len(entries) == 1 && entries[0].Seq == p.seq && markOf(entries[0].At) == p.mark, nil
}

// keptSince is the time of the oldest entry in the resume window that ends at end.
func (h *Hub) keptSince(ctx context.Context, end int64) (time.Time, error) {
	entries, err := h.db.Log(ctx, store.LogQuery{After: end - h.cfg.Window, Limit: 1})
	if err != nil || len(entries) == 0 {
		return h.cfg.Clock.Now(), err
	}
	return entries[0].At, nil
}
