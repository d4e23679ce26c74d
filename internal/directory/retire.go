package directory

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Service is the use cases of entries.
type Service struct {
	core    *usecase.Core
	entries map[string]Entry
}

// New makes a service for the nouns with these prefixes of ids.
func New(core *usecase.Core, entries map[string]Entry) *Service {
	return &Service{core: core, entries: entries}
}

// Retire is an entry to be taken out of use.
type Retire struct {
	NodeID          string
	Reason          string // code of RETIRE_REASON
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// Retire takes an entry out of use: lists leave it out, nothing new refers to it, and
// nobody changes it. It stays readable by its id, with its history. WORK_OPEN when
// something still hangs on it.
func (s *Service) Retire(ctx context.Context, a access.Actor, in Retire) error {
	e, err := s.entry(a, in.NodeID)
	if err != nil {
		return err
	}
	if err := usecase.InList(codes.RetireReason, in.Reason, "input", "reason"); err != nil {
		return err
	}
	_, err = s.core.Run(ctx, a, "entry.retire", usecase.Or(in.IdempotencyKey, ""), in, func(ctx context.Context) ([]string, error) {
		return []string{in.NodeID}, e.retire(ctx, a, in)
	})
	return err
}

// Restore is an entry to be brought back.
type Restore struct {
	NodeID          string
	ExpectedVersion int64
	IdempotencyKey  *string `json:"-"`
}

// Restore brings a retired entry back, INVALID (NOT_RETIRED) one that is not. Where a
// state says that it works, somebody has to let it work again.
func (s *Service) Restore(ctx context.Context, a access.Actor, in Restore) error {
	e, err := s.entry(a, in.NodeID)
	if err != nil {
		return err
	}
	_, err = s.core.Run(ctx, a, "entry.restore", usecase.Or(in.IdempotencyKey, ""), in, func(ctx context.Context) ([]string, error) {
		return []string{in.NodeID}, e.restore(ctx, a, in)
	})
	return err
}

// entry finds the noun of an id, for who is signed in.
func (s *Service) entry(a access.Actor, id string) (Entry, error) {
	if err := usecase.SignedIn(a); err != nil {
		return Entry{}, err
	}
	prefix := store.IDPrefix(id)
	e, ok := s.entries[prefix]
	if !ok {
		want := strings.Join(slices.Sorted(maps.Keys(s.entries)), "_…, ") + "_…"
		return Entry{}, fault.New(fault.CodeIDInvalid, fault.At("input", "nodeId"), fault.P("want", want))
	}
	return e, usecase.ID(id, prefix, "input", "nodeId")
}
