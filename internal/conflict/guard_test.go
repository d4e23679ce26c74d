package conflict

import (
	"slices"
	"testing"

	"github.com/fivesociety/linkage/internal/access"
)

// Conflicts of two people, and of a community's own needs, have no guard in common.
func TestUnrelatedConflictsDoNotMeet(t *testing.T) {
	t.Parallel()
	guards := spec().Guards
	for _, c := range []struct {
		of   Conflict
		want []string
	}{
		{Conflict{Header: access.Header{Subject: "rcp_a"}}, []string{guard("rcp_a")}},
		{Conflict{Header: access.Header{Subject: "rcp_a"}, Request: "req_a"}, []string{guard("rcp_a"), guard("req_a")}},
		{Conflict{Request: "req_b", Persons: []string{"vol_a"}}, []string{guard("req_b"), guard("vol_a")}},
	} {
		if got := guards(&c.of); !slices.Equal(got, c.want) {
			t.Errorf("guards %v, want %v", got, c.want)
		}
	}
}
