package feed

import (
	"strings"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/stream"
)

// Kind is what an event tells.
type Kind uint8

// The kinds.
const (
	Changed    Kind = iota + 1 // visible before and after
	Entered                    // visible only after
	Left                       // visible only before: a tombstone of id and cursor, no reason
	Gap                        // what lies between the caller's cursor and this one is not kept
	Checkpoint                 // nothing of the member's up to here
)

// Event is one message to one member.
type Event struct {
	Kind   Kind
	Seq    int64  // of the log, where the feed stands after this event
	Cursor string // Seq, sealed: what Member.After takes
	At     time.Time
	Noun   string // of the row, as registered in the store; Changed, Entered and Left
	ID     string // of the row; Changed, Entered and Left
	Part   string // of the row, where the member follows parts: what the event is about
	// Entry is what happened, with the row after it; Changed and Entered. It is
	// shared between members: read it only, and show no more of it than Mask.
	Entry *store.Entry
	Mask  access.Mask
	// Class is the stricter of what the row had after the entry and what it has when the
	// entry is handed out as past: show it by this one. "" of a public noun.
	Class     access.Class
	Reason    Reason    // Gap: why
	KeptSince time.Time // Gap of NotKept: the time of the oldest entry that is kept for resuming

	// Reader is anybody who sees the row as the member does: with the member's grants, and
	// no name; without grants where the row tells of nobody (BLIND), or is seen only as all
	// see it who may offer help. What an event refers to is shown as this reader sees it, so
	// that one form of it does for all whom it looks alike to.
	Reader access.Actor

	mark   int64  // of the entry at Seq, see markOf; 0 where it is not at hand
	rights string // prints of Reader's grants
	print  string // of the rights that a mirror's cursor carries; else ""
}

// look tells apart what members are shown of the log. It is comparable.
type look struct {
	seq, entry     int64 // of the event, which is one less for a part that others follow, and of what happened
	noun, id, part string
	kind           Kind
	mask           access.Mask
	class          access.Class
	reason         Reason
	at, since      int64
	mark           int64
	rights         string // of Reader
	print          string // of a mirror's cursor
}

func (e *Event) look() look {
	var entry int64
	if e.Entry != nil {
		entry = e.Entry.Seq
	}
	return look{
		seq: e.Seq, entry: entry, noun: e.Noun, id: e.ID, part: e.Part, kind: e.Kind, mask: e.Mask, class: e.Class,
		reason: e.Reason, at: e.At.UnixNano(), since: e.KeptSince.UnixNano(), mark: e.mark, rights: e.rights, print: e.print,
	}
}

// item is the event for those who follow.
func (h *Hub) item(ev Event) stream.Item {
	ev.Cursor = h.seal(ev.Seq, ev.print, ev.mark)
	return stream.Item{Event: &ev, Cursor: ev.Cursor, Look: ev.look()}
}

// shared is item, made once for all members to whom the event looks alike; h.mu is held.
func (h *Hub) shared(ev Event) stream.Item {
	l := ev.look()
	it, there := h.shown[l]
	if !there {
		it = h.item(ev)
		h.shown[l] = it
	}
	return it
}

// erases reports whether an entry tells of an erasure.
func erases(e *store.Entry) bool { return strings.HasSuffix(e.Kind, ".erased") }

// Erased reports whether the change erased what the row says of a person.
func (e *Event) Erased() bool { return e.Entry != nil && erases(e.Entry) }

// Reason is why there is a gap.
type Reason uint8

// The reasons.
const (
	NotKept Reason = iota // the caller's cursor is older than what is kept for resuming
	// RightsChanged: the reader's own rights have changed since the cursor. Rows that nobody
	// touched came into sight or left it; no entry tells of them one by one.
	RightsChanged
)

// ended is why a subscription ended, and how a socket that carried it closes.
type ended struct {
	code         int
	text, reason string
}

// Error is for logs.
func (e *ended) Error() string { return "feed: " + e.text }

// SocketClose says with which code a socket that carried the subscription closes.
func (e *ended) SocketClose() (code int, reason string) { return e.code, e.reason }

// Why subscriptions end, beside the end of the caller's ctx.
var (
	// ErrRevoked: a right, the session or the account has ended; what was queued is
	// dropped. Sockets close with 4403, and clients that come back see what their
	// rights of that moment show.
	ErrRevoked error = &ended{4403, "rights revoked", "Revoked"}
	// ErrSlow: the member did not take its events. Sockets close with 1013.
	ErrSlow error = &ended{1013, "reader too slow", "Too slow"}
	// ErrStopped: the hub has stopped. Sockets close with 1001.
	ErrStopped error = &ended{1001, "hub stopped", "Going away"}
)
