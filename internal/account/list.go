package account

import (
	"context"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Filter narrows the list of accounts; nil leaves a condition out.
type Filter struct {
	State *State
	Role  *access.Role // held now
}

// List reads the accounts of the actor's areas, newest first. FORBIDDEN for who
// neither administers nor audits.
func (s *Service) List(ctx context.Context, a access.Actor, f Filter, p usecase.Paging) (usecase.Page[*View], error) {
	var out usecase.Page[*View]
	if err := usecase.SignedIn(a); err != nil {
		return out, err
	}
	areas := overseen(a)
	if len(areas) == 0 && !a.IsSystem() {
		return out, fault.New(fault.CodeForbidden)
	}
	where := store.All()
	if !a.IsSystem() {
		in := make([]store.Filter, len(areas))
		for i, area := range areas {
			in[i] = store.Holds("within", area)
		}
		where = store.Either(in...)
	}
	if f.State != nil {
		where = store.Both(where, store.Is("state", *f.State))
	}
	if f.Role != nil {
		where = store.Both(where, store.Holds("roles", string(*f.Role)))
	}
	page, err := usecase.List(ctx, s.core, a, s.rows, usecase.Asked("accounts", f), store.Query{Where: where, Sort: "created", Desc: true}, p)
	if err != nil {
		return out, err
	}
	views, err := s.views(ctx, a, page.Rows)
	if err != nil {
		return out, err
	}
	return usecase.Convert(page, views), nil
}
