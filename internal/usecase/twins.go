package usecase

import "github.com/fivesociety/linkage/internal/fault"

// Twins gathers what speaks against two entries being the same thing.
type Twins struct {
	differ  []string
	swapped bool
}

// Identity compares what tells one thing from another, "" where it is not known: two
// different ones contradict each other, and one that only the duplicate has would be lost.
func (t *Twins) Identity(field, duplicate, survivor string) {
	switch {
	case duplicate == "" || duplicate == survivor:
	case survivor == "":
		t.swapped = true
	default:
		t.differ = append(t.differ, field)
	}
}

// Same notes a field that has to be alike in both and is not.
func (t *Twins) Same(field string, alike bool) {
	if !alike {
		t.differ = append(t.differ, field)
	}
}

// Err is nil for what may be one: NOT_THE_SAME names the fields that contradict each other,
// INVALID (MERGE_OTHER_WAY) says that the duplicate should be the one that stays.
func (t *Twins) Err() error {
	switch {
	case len(t.differ) > 0:
		return fault.New(fault.CodeNotTheSame, fault.P("fields", t.differ))
	case t.swapped:
		return fault.New(fault.CodeInvalid, fault.P("rule", "MERGE_OTHER_WAY"))
	}
	return nil
}
