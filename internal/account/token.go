package account

import (
	"errors"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
)

// audience is whom access tokens are for; maxToken is the longest that is read.
const (
	audience = "linkage"
	maxToken = 2048
)

// Identity is what an access token says: who, by which sign-in, until when. It
// says nothing of rights.
type Identity struct {
	Account string
	Session string
	Expires time.Time
}

type claims struct {
	Session string `json:"sid"`
	jwt.RegisteredClaims
}

// issue signs an access token for a session.
func (s *Service) issue(account, session string, now time.Time) (token string, expires time.Time, err error) {
	expires = now.Add(s.config.AccessTTL).Truncate(time.Second)
	t := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims{
		Session: session,
		RegisteredClaims: jwt.RegisteredClaims{
			Subject: account, Audience: jwt.ClaimStrings{audience},
			IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(expires),
		},
	})
	t.Header["kid"] = s.keys.kid
	token, err = t.SignedString(s.keys.sign)
	return token, expires, err
}

// Identify reads an access token without asking the store: TOKEN_EXPIRED after its
// time, UNAUTHENTICATED for anything this store did not sign.
func (s *Service) Identify(token string) (Identity, error) {
	if len(token) > maxToken {
		return Identity{}, fault.New(fault.CodeUnauthenticated)
	}
	var c claims
	_, err := jwt.ParseWithClaims(token, &c, s.verifier,
		jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}), jwt.WithAudience(audience),
		jwt.WithExpirationRequired(), jwt.WithTimeFunc(s.core.Now), jwt.WithStrictDecoding())
	switch {
	case errors.Is(err, jwt.ErrTokenExpired) && !errors.Is(err, jwt.ErrTokenInvalidAudience):
		return Identity{}, fault.New(fault.CodeTokenExpired)
	case err != nil, store.IDPrefix(c.Subject) != prefix, store.IDPrefix(c.Session) != sessionPrefix:
		return Identity{}, fault.New(fault.CodeUnauthenticated)
	}
	return Identity{Account: c.Subject, Session: c.Session, Expires: c.ExpiresAt.Time}, nil
}

func (s *Service) verifier(t *jwt.Token) (any, error) {
	kid, _ := t.Header["kid"].(string)
	key, ok := s.keys.verify[kid]
	if !ok {
		return nil, jwt.ErrTokenUnverifiable
	}
	return key, nil
}
