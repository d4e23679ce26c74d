package feed

import (
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/stream"
)

// In all of this file hub.mu is held.

// enter adds a member, whose rights are not known yet.
func (h *Hub) enter(s *Subscription) {
	s.next = h.accounts[s.account]
	h.accounts[s.account] = s
	h.waiting[s] = struct{}{}
	h.members++
}

// leave takes a member off all lists.
func (h *Hub) leave(s *Subscription) {
	at := h.accounts[s.account]
	switch {
	case at == nil:
		return // it never entered
	case at != s:
		for at.next != nil && at.next != s {
			at = at.next
		}
		if at.next == nil {
			return
		}
		at.next = s.next
	case s.next != nil:
		h.accounts[s.account] = s.next
	default:
		delete(h.accounts, s.account)
	}
	s.next = nil
	h.members--
	delete(h.waiting, s)
	if s.to != nil {
		s.view.drop(s)
	}
	h.release(s.view)
}

// all are the members.
func (h *Hub) all(yield func(*Subscription) bool) {
	for _, s := range h.accounts {
		for s != nil {
			next := s.next // who is told may leave
			if !yield(s) {
				return
			}
			s = next
		}
	}
}

// shares is the view of all who follow the same with an actor's rights.
func (h *Hub) shares(f *following, a access.Actor) *view {
	key := viewKey{f.key, "", 0}
	if f.key != "" {
		key.rights = a.Rights()
		if until := endOf(a); !until.IsZero() {
			key.until = until.UnixNano()
		}
		if v := h.views[key]; v != nil {
			v.users++
			return v
		}
	}
	v := f.alike(a)
	v.key, v.users = key, 1
	if f.key != "" {
		h.views[key] = v
	}
	return v
}

// release ends one member's use of a view.
func (h *Hub) release(v *view) {
	if v == nil {
		return
	}
	if v.users--; v.users == 0 && h.views[v.key] == v {
		delete(h.views, v.key)
	}
}

// see gives a member the view of its present rights.
func (s *Subscription) see(f *following) {
	old, v := s.view, s.hub.shares(f, s.actor())
	if s.to != nil {
		if len(old.batch) > s.from {
			s.split() // what it was to be handed by its old rights
		}
		old.drop(s)
		v.add(s)
		if s.apart {
			v.apart = append(v.apart, s)
		}
	}
	s.view = v
	s.hub.release(old)
	for i, g := range s.grants { // one copy of the text does for all
		if at := slices.IndexFunc(v.reader.Grants, func(o access.Grant) bool { return o.Role == g.Role && o.Scope == g.Scope && o.Area == g.Area }); at >= 0 {
			o := v.reader.Grants[at]
			s.grants[i].Role, s.grants[i].Scope, s.grants[i].Area = o.Role, o.Scope, o.Area
		}
	}
}

// own is the view of the member with its name.
func (s *Subscription) own() *view { return s.view.under(s.actor()) }

// giveTo makes the hub hand over to a receiver.
func (s *Subscription) giveTo(to stream.Receiver) {
	s.to, s.wake = to, nil
	delete(s.hub.waiting, s)
	s.view.add(s)
	if due := s.quietSince.Add(s.hub.cfg.Idle); due.Before(s.hub.sweep) {
		s.hub.sweep = due // it may have waited for long
	}
}

// takeBack ends that.
func (s *Subscription) takeBack() {
	s.view.drop(s)
	s.to = nil
	s.hub.waiting[s] = struct{}{}
}

// add makes a member one of those to whom the view's batch is handed.
func (v *view) add(s *Subscription) {
	s.at, s.from = len(v.members), len(v.batch)
	v.members = append(v.members, s)
	s.hub.handing[v] = struct{}{}
}

func (v *view) drop(s *Subscription) {
	last := len(v.members) - 1
	v.members[s.at] = v.members[last]
	v.members[s.at].at = s.at
	v.members[last] = nil
	if v.members = v.members[:last]; last == 0 {
		v.members = nil
		delete(s.hub.handing, v)
	}
	if s.apart {
		v.apart = slices.DeleteFunc(v.apart, func(o *Subscription) bool { return o == s })
	}
}

// split parts a member from its view for this time of handing over: something is its alone.
func (s *Subscription) split() {
	if s.apart {
		return
	}
	s.apart = true
	s.queue = append(s.queue, s.view.batch[s.from:]...)
	s.view.apart = append(s.view.apart, s)
	s.hub.due = append(s.hub.due, s)
}

// over reports whether a grant of those who share the view has run out before an entry; the
// entry of that is still to come.
func (v *view) over(e *store.Entry) bool { return !v.until.IsZero() && !e.At.Before(v.until) }

// tell is what an entry is to all who share a view, unless it names them.
func (h *Hub) tell(v *view, e *store.Entry) []stream.Item {
	if v.at == e.Seq {
		return v.news
	}
	h.routed = v.route(h.routed[:0], e)
	v.at, v.news = e.Seq, nil
	for _, ev := range h.routed {
		v.news = append(v.news, h.shared(ev))
	}
	clear(h.routed)
	h.telling = append(h.telling, v)
	return v.news
}

// mine is what subscriptions of one account have in common that follow the same.
type mine struct {
	account string
	view    *view
}

// route brings one entry to all members. Those who share a view are told the same, and are
// decided for once; whom the entry names is asked for alone, and once for all subscriptions
// that share the view.
func (h *Hub) route(e *store.Entry) {
	clear(h.mine)
	h.named = access.Naming(access.Naming(h.named[:0], e.Before), e.After)
	for s := range h.waiting {
		s.offer(e, slices.Contains(h.named, s.account))
	}
	for _, id := range h.named {
		for s := h.accounts[id]; s != nil; s = s.next {
			s.differ(e)
		}
	}
	for v := range h.handing {
		if v.over(e) {
			for i := len(v.members) - 1; i >= 0; i-- { // who ends leaves
				v.members[i].end(ErrRevoked)
			}
			continue
		}
		items := h.tell(v, e)
		v.batch = append(v.batch, items...)
		for _, s := range v.apart {
			if s.differs != e.Seq {
				s.queue = append(s.queue, items...)
			}
		}
	}
}

// differ parts a member that an entry names from its view, if the entry is something else to
// it than to the others.
func (s *Subscription) differ(e *store.Entry) {
	if s.to == nil || s.differs == e.Seq || s.view.over(e) {
		return
	}
	items, others := s.items(e, true), s.hub.tell(s.view, e)
	if slices.EqualFunc(items, others, func(a, b stream.Item) bool { return a.Event == b.Event }) {
		return
	}
	s.split()
	s.queue = append(s.queue, items...)
	s.differs = e.Seq
}

// checkpoints tells those who have heard nothing for long how far the log is. The time of
// nobody who was there at the last look comes before h.sweep; giveTo asks for an earlier look.
func (h *Hub) checkpoints(now time.Time) {
	if now.Before(h.sweep) {
		return
	}
	h.sweep = now.Add(h.cfg.Idle)
	for v := range h.handing {
		for _, s := range v.members {
			if s.apart || len(v.batch) > s.from {
				continue
			}
			if s.quiet(now) {
				s.push(h.shared(s.checkpoint(now)))
			} else if due := s.quietSince.Add(h.cfg.Idle); due.Before(h.sweep) {
				h.sweep = due
			}
		}
	}
}

// collect lists what the members are handed.
func (h *Hub) collect(parcels []parcel, now time.Time) []parcel {
	give := func(s *Subscription, items []stream.Item) {
		if s.to.Ready() {
			parcels = append(parcels, parcel{to: s.to, items: items})
			s.queue, s.quietSince, s.handed = nil, now, h.seq
			return
		}
		parcels = append(parcels, parcel{to: s.to, again: true})
		s.fallBack()
	}
	for _, v := range h.telling {
		batch := v.batch
		v.batch, v.news, v.at = nil, nil, 0
		if len(batch) == 0 {
			continue
		}
		for i := len(v.members) - 1; i >= 0; i-- { // who falls back leaves
			s := v.members[i]
			items := batch[s.from:]
			if s.from = 0; !s.apart && len(items) > 0 {
				give(s, items)
			}
		}
	}
	for _, s := range h.due {
		if s.apart = false; s.err == nil {
			s.view.apart = nil    // all of them are in due
			if len(s.queue) > 0 { // else the others alone were told something
				give(s, s.queue)
			}
		}
	}
	for _, s := range h.over {
		parcels = append(parcels, parcel{to: s.to, err: s.err})
	}
	return parcels
}
