package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
)

// step is one write of a unit: what the store does, and what the model does. An
// error of the model is the code that the store has to answer.
type step struct {
	name string
	do   func(ctx context.Context) error
	mock func(m *model) fault.Code
}

// unit makes up to four writes in one unit, which sometimes fails on purpose.
func (p *play) unit() {
	steps := make([]step, 1+p.rng.IntN(4))
	for i := range steps {
		steps[i] = p.step()
	}
	end := p.rng.IntN(12) // 0: fails by itself, after all steps and before the commit
	wanted, next := p.foresee(steps)
	switch {
	case wanted == "" && end == 0:
		wanted = "own"
	case wanted == "" && next.clash():
		wanted = fault.CodeDuplicate
	}
	err := p.Tx(p.ctx, func(ctx context.Context) error {
		for _, s := range steps {
			if err := s.do(ctx); err != nil {
				return err
			}
		}
		if end == 0 {
			return errOwn
		}
		return nil
	})
	got := fault.Code("")
	switch {
	case errors.Is(err, errOwn):
		got = "own"
	case err != nil:
		got = fault.CodeOf(err)
	}
	if got != wanted {
		p.t.Errorf("unit %s: %v, the model says %q", names(steps), err, wanted)
	}
	if err == nil {
		p.model = next
		p.adopt()
	}
	p.say("unit "+names(steps), string(got))
}

func names(steps []step) (out string) {
	for _, s := range steps {
		out += s.name + ";"
	}
	return out
}

// foresee runs the steps on a copy of the model.
func (p *play) foresee(steps []step) (fault.Code, *model) {
	next, before := p.model.copy(), len(p.model.log)
	var erased []string
	for _, s := range steps {
		if code := s.mock(next); code != "" {
			return code, nil
		}
		if s.name[:5] == "erase" {
			erased = append(erased, s.name[6:])
		}
	}
	for _, subject := range erased { // what the unit itself writes stays
		next.erase(subject, before)
	}
	return "", next
}

// adopt takes over the revisions that the store gave, after checking that they grew.
func (p *play) adopt() {
	p.t.Helper()
	for id, x := range p.model.things {
		got, err := p.things.Get(p.ctx, id)
		if err != nil {
			p.t.Errorf("%s is not there: %v", id, err)
			continue
		}
		if got.Revision < p.model.last[id] || got.Version != x.Version {
			p.t.Errorf("%s: version %d revision %d, the model has %d and at least %d", id, got.Version, got.Revision, x.Version, p.model.last[id])
		}
		x.Revision, p.model.last[id] = got.Revision, got.Revision
		p.model.things[id] = x
	}
}

func (p *play) step() step {
	id, now := p.id(), p.clock.Now().Truncate(time.Millisecond)
	var fresh Thing
	p.fill(&fresh)
	n := note(pick(p, "added", "changed"))
	n.Root = pick(p, "", "req_1", "req_2")
	if p.rng.IntN(6) == 0 {
		n = store.Note{}
	}
	switch k := p.rng.IntN(20); {
	case k < 8:
		return p.insertStep(id, fresh, n, now)
	case k < 14:
		return p.replaceStep(id, fresh, n, now, 1)
	case k < 16:
		return p.replaceStep(id, fresh, n, now, 0)
	case k < 19:
		return p.deleteStep(id, n, now)
	}
	subject := pick(p, "rcp_1", "rcp_2", "rcp_3")
	return step{"erase " + subject, func(ctx context.Context) error { return p.Erase(ctx, subject) }, func(*model) fault.Code { return "" }}
}

func (p *play) insertStep(id string, fresh Thing, n store.Note, now time.Time) step {
	return step{"insert " + id, func(ctx context.Context) error {
		x := fresh
		x.ID = id
		return p.things.Insert(ctx, &x, n)
	}, func(m *model) fault.Code {
		if _, there := m.things[id]; there {
			return fault.CodeDuplicate
		}
		x := fresh
		x.Head = store.Head{ID: id, Version: 1, CreatedAt: now, UpdatedAt: now}
		if v, ok := m.deleted[id]; ok { // in this very unit
			x.Version = v + 1
		}
		m.put(x, n, now)
		return ""
	}}
}

func (p *play) replaceStep(id string, fresh Thing, n store.Note, now time.Time, grows int64) step {
	return step{fmt.Sprintf("replace%d %s", grows, id), func(ctx context.Context) error {
		x, err := p.things.Get(ctx, id)
		if err != nil {
			return err
		}
		changed := fresh
		changed.Head = x.Head
		if grows == 0 {
			return p.things.Touch(ctx, &changed, n)
		}
		return p.things.Replace(ctx, &changed, n)
	}, func(m *model) fault.Code {
		old, there := m.things[id]
		if !there {
			return fault.CodeNotFound
		}
		x := fresh
		x.Head = old.Head
		x.Version, x.UpdatedAt = old.Version+grows, now
		m.put(x, n, now)
		return ""
	}}
}

func (p *play) deleteStep(id string, n store.Note, now time.Time) step {
	return step{"delete " + id, func(ctx context.Context) error { return p.things.Delete(ctx, id, n) }, func(m *model) fault.Code {
		x, there := m.things[id]
		if !there {
			return fault.CodeNotFound
		}
		delete(m.things, id)
		m.deleted[id] = x.Version
		if n.Kind != "" {
			m.enter(n.Kind, id, n.Root, now, nil)
		}
		return ""
	}}
}

func (m *model) put(x Thing, n store.Note, now time.Time) {
	x.Due = x.Due.Truncate(time.Millisecond)
	m.things[x.ID] = x
	if n.Kind != "" {
		m.enter(n.Kind, x.ID, n.Root, now, &x)
	}
}

// sameThings compares lists as canonical JSON.
func (p *play) sameThings(what string, got, wanted []*Thing) {
	p.t.Helper()
	if a, b := canonicalThings(got), canonicalThings(wanted); !slices.Equal(a, b) {
		p.t.Errorf("%s:\ngot  %v\nwant %v", what, a, b)
	}
}

func canonicalThings(list []*Thing) []string {
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = canonical(x)
	}
	return out
}
