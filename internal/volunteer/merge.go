package volunteer

import (
	"context"
	"slices"

	"github.com/fivesociety/linkage/internal/usecase"
)

// Same refuses two entries that are not one person, and one who is suspended under one of
// them only: the sanction would be got rid of.
func Same(duplicate, survivor *Volunteer) error {
	var t usecase.Twins
	t.Identity("number", duplicate.Private.Number, survivor.Private.Number)
	t.Identity("bornOn", string(duplicate.Private.BornOn), string(survivor.Private.BornOn))
	t.Same("state", (duplicate.State() == Suspended) == (survivor.State() == Suspended))
	return t.Err()
}

// Learn gives the survivor what the duplicate is able and cleared to do: posts that follow
// ask for it.
func Learn(duplicate, survivor *Volunteer) (int, error) {
	survivor.Skills = append(slices.Clone(survivor.Skills), duplicate.Skills...)
	slices.Sort(survivor.Skills)
	survivor.Skills = slices.Compact(survivor.Skills)
	if duplicate.ClearedOn > survivor.ClearedOn {
		survivor.ClearedOn, survivor.Private.Clearance = duplicate.ClearedOn, duplicate.Private.Clearance
	}
	return 0, nil
}

// Stop takes a duplicate out of work, and says in which state it was.
func (v *Volunteer) Stop() string {
	was := v.Header.State
	v.Header.State = string(Exited)
	return was
}

// Move is where they serve from now on, and which station looks after them there.
func (s *Service) Move(ctx context.Context, v *Volunteer, communityID string) error {
	return s.settle(ctx, v, communityID)
}
