package oidc

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"
	"unicode/utf8"

	upstream "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/fivesociety/linkage/internal/fault"
)

// maxToken is the longest ID token that is read; maxSubject the longest sub, by
// OpenID Connect Core 1.0, section 2.
const (
	maxToken   = 16 << 10
	maxSubject = 255
	maxDisplay = 64
)

// algorithms are those whose verification needs no secret. HS256 is not among them:
// its key would be the client secret, which others may know; nor is none.
var algorithms = []string{
	upstream.RS256, upstream.RS384, upstream.RS512, upstream.ES256, upstream.ES384, upstream.ES512,
	upstream.PS256, upstream.PS384, upstream.PS512, upstream.EdDSA,
}

// Subject is who somebody is to an issuer. Issuer and ID together are unique for
// good; Display may be anything that the person once typed.
type Subject struct {
	Issuer  string
	ID      string
	Display string
}

// Exchange redeems an authorization code. ISSUER_UNAVAILABLE when the issuer does
// not answer; ID_TOKEN_INVALID when it refuses the code, or for a token that is not
// for this sign-in.
func (p *Provider) Exchange(ctx context.Context, code, verifier, nonce string) (Subject, error) {
	found, err := p.discover(ctx)
	if err != nil {
		return Subject{}, err
	}
	ctx = upstream.ClientContext(ctx, p.client)
	token, err := p.oauth(found).Exchange(ctx, code, oauth2.VerifierOption(verifier))
	if err != nil {
		return Subject{}, p.refused(err)
	}
	raw, _ := token.Extra("id_token").(string)
	if raw == "" {
		return Subject{}, invalid(errors.New("the answer holds no ID token"))
	}
	return p.verify(ctx, found, raw, nonce, token.AccessToken)
}

// Verify reads an ID token that an app got by itself. Errors as of Exchange.
func (p *Provider) Verify(ctx context.Context, raw, nonce string) (Subject, error) {
	found, err := p.discover(ctx)
	if err != nil {
		return Subject{}, err
	}
	return p.verify(upstream.ClientContext(ctx, p.client), found, raw, nonce, "")
}

func (p *Provider) verify(ctx context.Context, found *issuer, raw, nonce, access string) (Subject, error) {
	if len(raw) > maxToken {
		return Subject{}, invalid(errors.New("the ID token is too long"))
	}
	// The time is judged below, with a leeway for both ends.
	v := upstream.NewVerifier(p.Issuer, found.keys, &upstream.Config{ClientID: p.ClientID, SupportedSigningAlgs: algorithms, SkipExpiryCheck: true})
	var keyless error
	t, err := v.Verify(context.WithValue(ctx, keylessKey{}, &keyless), raw)
	if err != nil {
		return Subject{}, p.refused(errors.Join(keyless, err))
	}
	var claims map[string]any
	if err := t.Claims(&claims); err != nil {
		return Subject{}, invalid(err)
	}
	if err := p.judge(t, claims, nonce, access); err != nil {
		return Subject{}, invalid(err)
	}
	return Subject{Issuer: p.Issuer, ID: t.Subject, Display: display(claims, p.DisplayClaim)}, nil
}

// judge checks all that the signature does not.
func (p *Provider) judge(t *upstream.IDToken, claims map[string]any, nonce, access string) error {
	now := p.now()
	switch azp, there := claims["azp"].(string); {
	case t.Subject == "" || len(t.Subject) > maxSubject || !utf8.ValidString(t.Subject):
		return errors.New("no subject")
	case nonce == "" || subtle.ConstantTimeCompare([]byte(t.Nonce), []byte(nonce)) != 1:
		return errors.New("another nonce")
	case t.Expiry.IsZero() || !now.Before(t.Expiry.Add(Leeway)):
		return errors.New("expired")
	case t.IssuedAt.IsZero() || t.IssuedAt.After(now.Add(Leeway)):
		return errors.New("issued in the future")
	case now.Sub(t.IssuedAt) > Fresh+Leeway:
		return errors.New("issued too long ago")
	case len(t.Audience) > 1 && !there, there && azp != p.ClientID && !slices.Contains(p.AuthorisedParties, azp):
		return errors.New("issued to another party")
	}
	if begins, ok := claims["nbf"].(float64); ok && time.Unix(int64(begins), 0).After(now.Add(Leeway)) {
		return errors.New("not valid yet")
	}
	if access != "" && t.AccessTokenHash != "" {
		return t.VerifyAccessToken(access)
	}
	return nil
}

// refused tells an issuer that is away from one that says no. The answer's body is
// left out of the cause: it may hold anything.
func (p *Provider) refused(err error) error {
	var said *oauth2.RetrieveError
	if errors.As(err, &said) {
		if said.Response != nil && said.Response.StatusCode >= http.StatusInternalServerError {
			return p.away(fmt.Errorf("status %d", said.Response.StatusCode))
		}
		return invalid(fmt.Errorf("the issuer refused the code: %s", clip(said.ErrorCode)))
	}
	var network *url.Error
	if errors.As(err, &network) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, errTooBig) {
		return p.away(err)
	}
	return invalid(errors.New(clip(err.Error())))
}

func (p *Provider) away(err error) error {
	return fault.New(fault.CodeIssuerUnavailable, fault.Because(fmt.Errorf("ask %s: %w", p.Name, err)))
}

func invalid(err error) error {
	return fault.New(fault.CodeIDTokenInvalid, fault.At("input"), fault.Because(err))
}

// display is a claim as one short line, "" when there is none.
func display(claims map[string]any, name string) string {
	s, _ := claims[name].(string)
	if r := []rune(s); len(r) > maxDisplay {
		s = string(r[:maxDisplay])
	}
	return s
}
