package account

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
)

// ActorOf reads who a token speaks for, with the grants of this moment. Errors as
// of Identify and Actor.
func (s *Service) ActorOf(ctx context.Context, token string) (access.Actor, Identity, error) {
	id, err := s.Identify(token)
	if err != nil {
		return access.Actor{}, Identity{}, err
	}
	a, err := s.Actor(ctx, id)
	return a, id, err
}

// Actor reads the actor of an identity, with the grants of this moment.
// SESSION_ENDED after sign-out, revocation of the session, or when the account may
// not sign in any more.
func (s *Service) Actor(ctx context.Context, id Identity) (access.Actor, error) {
	sessions, err := s.sessions.GetMany(ctx, []string{id.Session})
	if err != nil {
		return access.Actor{}, err
	}
	accounts, err := s.rows.GetMany(ctx, []string{id.Account})
	if err != nil {
		return access.Actor{}, err
	}
	row, session := accounts[id.Account], sessions[id.Session]
	if row == nil || session == nil || session.Account != row.ID || !session.EndedAt.IsZero() || row.State != Active {
		return access.Actor{}, fault.New(fault.CodeSessionEnded)
	}
	return s.actor(row, session.ID, s.core.Time()), nil
}

func (s *Service) actor(row *Account, session string, now time.Time) access.Actor {
	return access.Actor{ID: row.ID, Grants: row.Rights(now), Acts: row.Acts(now), Session: session, Via: "graphql"}
}

// Event is what a log entry says to open sockets.
type Event struct {
	Account string         // whose rights or sessions it is about
	Session string         // set when this session ended
	Ended   bool           // the account may not go on at all
	Grants  []access.Grant // the account's standing grants after the entry
}

// EventOf reads an entry for the hub; ok is false when it changes nobody's rights.
// The grants are those of the entry's own moment, so that a hub that applies
// entries in sequence never runs ahead of them.
func (s *Service) EventOf(e *store.Entry) (ev Event, ok bool, err error) {
	switch e.Noun {
	case "account":
		row, err := s.rows.Past(e)
		if err != nil || row == nil {
			return Event{Account: e.ID, Ended: true}, err == nil, err
		}
		return Event{Account: e.ID, Ended: row.State != Active, Grants: row.Rights(e.At)}, true, nil
	case "session":
		row, err := s.sessions.Past(e)
		if err != nil || row == nil || row.EndedAt.IsZero() {
			return Event{}, false, err
		}
		return Event{Account: row.Account, Session: row.ID}, true, nil
	}
	return Event{}, false, nil
}
