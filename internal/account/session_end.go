package account

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// SessionEnd names one session of the actor's own.
type SessionEnd struct{ SessionID string }

// SessionEndOthers names the session to keep, the one that speaks for nil.
type SessionEndOthers struct{ KeepSessionID *string }

// OpenSessionView is one open session, as its owner sees it in a list. It holds no
// token.
type OpenSessionView struct {
	ID         string
	Device     string
	Network    string
	Method     Method
	CreatedAt  time.Time
	LastUsedAt time.Time // to the hour
	ExpiresAt  time.Time
	Current    bool
}

// Sessions reads the actor's own open sessions, newest first.
func (s *Service) Sessions(ctx context.Context, a access.Actor, p usecase.Paging) (usecase.Page[*OpenSessionView], error) {
	var out usecase.Page[*OpenSessionView]
	if err := usecase.SignedIn(a); err != nil {
		return out, err
	}
	now := s.core.Time()
	q := store.Query{Where: store.Both(store.Is("account", a.ID), store.Is("ended", 0)), Sort: "created", Desc: true}
	page, err := usecase.List(ctx, s.core, a, s.sessions, usecase.Asked("sessions", nil), q, p, func(s *Session) bool { return s.open(now) })
	if err != nil {
		return out, err
	}
	views := make([]*OpenSessionView, len(page.Rows))
	for i, row := range page.Rows {
		views[i] = &OpenSessionView{
			ID: row.ID, Device: row.Client.Device, Network: row.Client.Network, Method: row.Method,
			CreatedAt: row.CreatedAt, LastUsedAt: row.UsedAt, ExpiresAt: row.Expires, Current: row.ID == a.Session,
		}
	}
	return usecase.Convert(page, views), nil
}

// SessionEnd ends one of the actor's own sessions; its sockets close. It tells how
// many were ended: 0 for one that had ended already. NOT_FOUND for another's.
func (s *Service) SessionEnd(ctx context.Context, a access.Actor, in SessionEnd) (ended int, err error) {
	if !a.SignedIn() || a.IsSystem() {
		return 0, fault.New(fault.CodeUnauthenticated)
	}
	if err := usecase.ID(in.SessionID, sessionPrefix, "input", "sessionId"); err != nil {
		return 0, err
	}
	now := s.core.Time()
	err = s.core.DB.Tx(ctx, func(ctx context.Context) error {
		ended = 0
		found, err := s.sessions.GetMany(ctx, []string{in.SessionID})
		if err != nil {
			return err
		}
		row := found[in.SessionID]
		if row == nil || row.Account != a.ID {
			return fault.New(fault.CodeNotFound, fault.At("input", "sessionId"), fault.P("id", in.SessionID))
		}
		if !row.EndedAt.IsZero() {
			return nil
		}
		ended = 1
		return s.end(ctx, a, row, "", now)
	})
	return ended, err
}

// SessionEndOthers ends all of the actor's sessions but one, its own unless another is
// named; their sockets close. It tells how many were ended.
func (s *Service) SessionEndOthers(ctx context.Context, a access.Actor, in SessionEndOthers) (ended int, err error) {
	if !a.SignedIn() || a.IsSystem() {
		return 0, fault.New(fault.CodeUnauthenticated)
	}
	keep := usecase.Or(in.KeepSessionID, a.Session)
	if err := usecase.ID(keep, sessionPrefix, "input", "keepSessionId"); err != nil {
		return 0, err
	}
	now := s.core.Time()
	err = s.core.DB.Tx(ctx, func(ctx context.Context) (err error) {
		ended, err = s.endAll(ctx, a, a.ID, but(keep), now)
		return err
	})
	return ended, err
}
