package team

import (
	"slices"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
)

// With asks for the teams that a volunteer is in.
func With(volunteerID string) store.Query {
	return store.Query{Where: store.Holds("parties", access.PartyHelp.Of(volunteerID)), Sort: "created", Guard: guard(volunteerID)}
}

// Follow puts another volunteer in the place of one who was merged into them; who is in the
// team under both is in it once. It reports whether that one was in it.
func (t *Team) Follow(from, into string) bool {
	i := slices.IndexFunc(t.Members, func(m Member) bool { return m.ID == from })
	if i < 0 {
		return false
	}
	led, was := t.Leader == from, t.Members[i]
	_ = t.leave(from) // it is a member
	if !t.has(into) {
		t.Members = append(t.Members, Member{ID: into, From: was.From})
		t.Header.Relate(access.PartyHelp, into)
	}
	if led {
		t.lead(into)
	}
	return true
}

// Take gives the members of a duplicate to the survivor, and its leader where that has
// none; it says how many. TOO_MANY above MaxMembers.
func Take(duplicate, survivor *Team) (n int, err error) {
	for _, m := range duplicate.Members {
		if survivor.has(m.ID) { // is in both
			continue
		}
		if err := survivor.join(m.ID, m.From); err != nil {
			return n, err
		}
		n++
	}
	if survivor.Leader == "" && duplicate.Leader != "" {
		survivor.lead(duplicate.Leader)
	}
	return n, nil
}

// Stop dissolves a duplicate, and says in which state it was.
func (t *Team) Stop() string {
	was := t.Header.State
	if t.State() != Dissolved {
		t.dissolve()
	}
	return was
}

// Same refuses to merge into a team that is no more.
func Same(duplicate, survivor *Team) error {
	if survivor.State() == Dissolved && duplicate.State() != Dissolved {
		return fault.New(fault.CodeNotTheSame, fault.P("fields", []string{"state"}))
	}
	return nil
}
