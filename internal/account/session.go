package account

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
)

// TokenRefresh is a refresh token.
type TokenRefresh struct {
	RefreshToken string `json:"-"`
}

// SignOut says which sessions end.
type SignOut struct{ Everywhere bool }

// TokenRefresh exchanges a refresh token for a fresh pair. UNAUTHENTICATED for what
// is no token of an open session; SESSION_ENDED after its end or expiry, and for a
// token used before: then the whole session ends, as two hold it.
func (s *Service) TokenRefresh(ctx context.Context, in TokenRefresh) (*SessionView, error) {
	id, shown, ok := parseRefresh(in.RefreshToken)
	if !ok {
		return nil, fault.New(fault.CodeUnauthenticated)
	}
	now, next := s.core.Time(), newSecret()
	next.family = shown.family
	var row *Session
	var refusal error
	err := s.core.DB.Tx(ctx, func(ctx context.Context) (err error) {
		row, refusal, err = s.rotate(ctx, id, shown, next, now)
		return err
	})
	if err != nil {
		return nil, err
	}
	if refusal != nil {
		return nil, refusal
	}
	return s.pair(row, next, now)
}

// rotate puts the next token in the place of the shown one. A refusal is told
// beside the error, because the end of a session that was used twice must be saved.
func (s *Service) rotate(ctx context.Context, id string, shown, next secret, now time.Time) (row *Session, refusal, err error) {
	found, err := s.sessions.GetMany(ctx, []string{id})
	if err != nil {
		return nil, nil, err
	}
	row = found[id]
	if row == nil {
		return nil, fault.New(fault.CodeUnauthenticated), nil
	}
	family, once := shown.is(row)
	switch {
	case !family:
		return nil, fault.New(fault.CodeUnauthenticated), nil
	case !row.open(now):
		return nil, fault.New(fault.CodeSessionEnded), nil
	case !once:
		return nil, fault.New(fault.CodeSessionEnded), s.end(ctx, access.System("account"), row, "REUSED", now)
	}
	account, err := s.rows.Get(ctx, row.Account)
	if err != nil {
		return nil, nil, err
	}
	if account.State != Active {
		return nil, fault.New(fault.CodeSessionEnded), nil
	}
	_, row.Refresh = next.hashes()
	row.Expires, row.UsedAt = now.Add(s.config.RefreshTTL), now.Truncate(time.Hour)
	return row, nil, s.sessions.Replace(ctx, row, store.Note{})
}

// SignOut ends this session or all of the account's; open sockets close. It tells
// how many were ended.
func (s *Service) SignOut(ctx context.Context, a access.Actor, in SignOut) (ended int, err error) {
	if !a.SignedIn() || a.IsSystem() {
		return 0, fault.New(fault.CodeUnauthenticated)
	}
	now := s.core.Time()
	err = s.core.DB.Tx(ctx, func(ctx context.Context) (err error) {
		ended = 0
		if in.Everywhere {
			ended, err = s.endAll(ctx, a, a.ID, but(""), now)
			return err
		}
		row, err := s.sessions.Get(ctx, a.Session)
		if err != nil || !row.EndedAt.IsZero() {
			return err
		}
		ended = 1
		return s.end(ctx, a, row, "", now)
	})
	return ended, err
}

// endAll ends the open sessions of an account that are meant.
func (s *Service) endAll(ctx context.Context, a access.Actor, accountID string, meant func(*Session) bool, now time.Time) (ended int, err error) {
	q := store.Query{
		Where: store.Both(store.Is("account", accountID), store.Is("ended", 0)), Guard: sessionGuard(accountID), Limit: 1000,
	}
	page, err := s.sessions.Find(ctx, q)
	if err != nil {
		return 0, err
	}
	for _, found := range page.Items {
		if !meant(found) {
			continue
		}
		row, err := s.sessions.Get(ctx, found.ID)
		if err != nil {
			return ended, err
		}
		if err := s.end(ctx, a, row, "", now); err != nil {
			return ended, err
		}
		ended++
	}
	return ended, nil
}

// but means all sessions but one, all for "".
func but(id string) func(*Session) bool { return func(s *Session) bool { return s.ID != id } }

// end closes a session for good; its log entry closes the sockets that live on it.
// The entry holds no hash.
func (s *Service) end(ctx context.Context, a access.Actor, row *Session, reason string, now time.Time) error {
	row.EndedAt, row.Refresh = now, nil
	return s.sessions.Replace(ctx, row, usecase.Note(a, "session.ended", row.Account, reason))
}
