package account

import (
	"context"
	"slices"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// maxDisplay bounds the name that others see.
const maxDisplay = 64

// Create is a new account.
type Create struct {
	Name           string
	DisplayName    string
	Password       string  `json:"-"` // a receipt must not be a way to guess it
	IdempotencyKey *string `json:"-"`
}

// Create makes an account without any right. Errors: INVALID for a name that is
// none, DUPLICATE for one that is taken in any case, PASSWORD_WEAK.
func (s *Service) Create(ctx context.Context, a access.Actor, in Create) (*View, []usecase.Notice, error) {
	if err := a.MayAt("account.create", ""); err != nil {
		return nil, nil, err
	}
	row, hash, err := s.prepare(ctx, in)
	if err != nil {
		return nil, nil, err
	}
	row.MadeBy, row.Origin = a.ID, administered(a)
	ids, err := s.core.Run(ctx, a, "account.create", usecase.Or(in.IdempotencyKey, ""), in, func(ctx context.Context) ([]string, error) {
		return []string{row.ID}, s.insert(ctx, a, row, hash)
	})
	if err != nil {
		return nil, nil, taken(err)
	}
	v, err := s.Get(ctx, a, ids[0])
	return v, nil, err
}

// prepare checks the input and does the slow work outside of the unit.
func (s *Service) prepare(ctx context.Context, in Create) (*Account, string, error) {
	name, err := checkName(in.Name, "input", "name")
	if err != nil {
		return nil, "", err
	}
	display, err := usecase.Text(in.DisplayName, maxDisplay, true, "input", "displayName")
	if err != nil {
		return nil, "", err
	}
	if err := checkPassword(in.Password, name, "input", "password"); err != nil {
		return nil, "", err
	}
	hash, err := s.hasher.hash(ctx, in.Password)
	return &Account{
		Head: store.Head{ID: s.core.DB.NewBlindID(prefix)}, State: Active, Person: person{Name: name, Display: display},
	}, hash, err
}

func (s *Service) insert(ctx context.Context, a access.Actor, row *Account, hash string) error {
	fresh := *row // the unit may run again
	if err := s.rows.Insert(ctx, &fresh, usecase.Note(a, "account.created", row.ID, "")); err != nil {
		return err
	}
	return s.credentials.Insert(ctx, &credential{Head: store.Head{ID: row.ID}, Hash: hash}, store.Note{})
}

// taken names the field of a DUPLICATE that the commit found.
func taken(err error) error {
	if e, ok := fault.As(err); ok && e.Code == fault.CodeDuplicate && e.Params["field"] == "login" {
		return fault.New(fault.CodeDuplicate, fault.At("input", "name"), fault.P("field", "name"))
	}
	return err
}

// administered are the areas an actor administers.
func administered(a access.Actor) []string {
	var out []string
	for _, g := range a.Grants {
		if g.Role == access.Admin && !slices.Contains(out, g.Area) {
			out = append(out, g.Area)
		}
	}
	return out
}

// CreateAdmin makes an administrator of a division and all below, in one unit. It is
// for whoever runs the program (linkage admin create), never for the API. Errors as
// of Create, and DIVISION_UNKNOWN.
func (s *Service) CreateAdmin(ctx context.Context, name, password, divisionID string) (*View, error) {
	sys := access.System("program")
	row, hash, err := s.prepare(ctx, Create{Name: name, DisplayName: name, Password: password})
	if err != nil {
		return nil, err
	}
	code := division.CodeOf(divisionID)
	row.Grants = []Grant{{
		ID: s.core.DB.NewID(grantPrefix), Role: access.Admin, Scope: divisionID, Code: code, Area: code, GrantedAt: s.core.Time(),
	}}
	err = s.core.DB.Tx(ctx, func(ctx context.Context) error {
		if _, err := s.divisions.Resolve(ctx, divisionID, "input", "divisionId"); err != nil {
			return err
		}
		return s.insert(ctx, sys, row, hash)
	})
	if err != nil {
		return nil, taken(err)
	}
	return s.Get(ctx, sys, row.ID)
}

// Find is the id of the account with an id or a name: NOT_FOUND for none. It is for
// whoever runs the program, never for the API.
func (s *Service) Find(ctx context.Context, idOrName string) (string, error) {
	if store.IDPrefix(idOrName) == prefix {
		row, err := s.rows.Get(ctx, idOrName)
		if err != nil {
			return "", err
		}
		return row.ID, nil
	}
	page, err := s.rows.Find(ctx, store.Query{Where: store.Is("login", fold(idOrName)), Limit: 1})
	if err != nil {
		return "", err
	}
	if len(page.Items) == 0 {
		return "", fault.New(fault.CodeNotFound)
	}
	return page.Items[0].ID, nil
}
