package socialworker

import (
	"slices"

	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// EmployedBy asks for the social workers of an employer.
func EmployedBy(id string) store.Query {
	return store.Query{Where: store.Is("employer", id), Sort: "created"}
}

// Follow puts another employer in the place of one that was merged into it. It reports
// whether that one employed them.
func (w *SocialWorker) Follow(from, into string) bool {
	if w.Employer != from || w.Retired != nil {
		return false
	}
	w.Employer = into
	return true
}

// Same refuses two entries that are not one person: a certificate has one number.
func Same(duplicate, survivor *SocialWorker) error {
	var t usecase.Twins
	t.Identity("certificate", duplicate.Private.Number, survivor.Private.Number)
	t.Identity("certificate", string(duplicate.Certificate.Level), string(survivor.Certificate.Level))
	return t.Err()
}

// Learn gives the survivor what the duplicate is able to do: posts that follow ask for it.
func Learn(duplicate, survivor *SocialWorker) (int, error) {
	survivor.Skills = append(slices.Clone(survivor.Skills), duplicate.Skills...)
	slices.Sort(survivor.Skills)
	survivor.Skills = slices.Compact(survivor.Skills)
	return 0, nil
}

// Stop takes a duplicate out of work, and says in which state it was.
func (w *SocialWorker) Stop() string {
	was := w.Header.State
	w.activate(false)
	return was
}
