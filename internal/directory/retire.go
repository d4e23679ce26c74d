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
	merges  *store.Collection[merging]
	entries map[string]Entry
	batch   int // references that one unit of a merge moves
	units   int // that a caller of a merge waits for
}

// New makes a service for the nouns with these prefixes of ids; call it before the store
// starts.
func New(core *usecase.Core, entries map[string]Entry) *Service {
	return &Service{core: core, merges: store.Register(core.DB, mergingSpec()), entries: entries, batch: mergeBatch, units: mergeUnits}
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
	e, err := s.entry(a, in.NodeID, "input", "nodeId")
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
	e, err := s.entry(a, in.NodeID, "input", "nodeId")
	if err != nil {
		return err
	}
	_, err = s.core.Run(ctx, a, "entry.restore", usecase.Or(in.IdempotencyKey, ""), in, func(ctx context.Context) ([]string, error) {
		return []string{in.NodeID}, e.restore(ctx, a, in)
	})
	return err
}

// entry finds the noun of an id, for who is signed in.
func (s *Service) entry(a access.Actor, id string, path ...string) (Entry, error) {
	if err := usecase.SignedIn(a); err != nil {
		return Entry{}, err
	}
	prefix := store.IDPrefix(id)
	e, ok := s.entries[prefix]
	if !ok {
		return Entry{}, s.wanted(func(Entry) bool { return true }, path)
	}
	return e, usecase.ID(id, prefix, path...)
}

// wanted is ID_INVALID, naming the nouns that it could be.
func (s *Service) wanted(fits func(Entry) bool, path []string) error {
	var want []string
	for _, prefix := range slices.Sorted(maps.Keys(s.entries)) {
		if fits(s.entries[prefix]) {
			want = append(want, prefix+"_…")
		}
	}
	return fault.New(fault.CodeIDInvalid, fault.At(path...), fault.P("want", strings.Join(want, ", ")))
}
