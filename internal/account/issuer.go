package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/fivesociety/linkage/internal/account/oidc"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
)

// Purposes of what is sealed here.
const (
	sealRound   = "account:issuer-round"
	sealVouched = "account:issuer-subject"
	sealPhone   = "account:phone"
)

// RoundFor is how long a browser may take for its way round an issuer.
const RoundFor = 10 * time.Minute

// round is what the browser carries, sealed in a cookie, on its way round an issuer.
type round struct {
	Provider  string    `json:"p"`
	State     string    `json:"s"`
	Nonce     string    `json:"n"`
	Verifier  string    `json:"v"`
	Challenge string    `json:"c"` // the app's, for the code at the end
	Expires   time.Time `json:"e"`
}

// vouched is whom an issuer named, on the way from the browser to the app.
type vouched struct {
	Provider string `json:"p"`
	oidc.Subject
}

// provider is a configured identity provider: SIGN_IN_METHOD_OFF for none.
func (s *Service) provider(name string, path ...string) (*oidc.Provider, error) {
	for _, p := range s.providers {
		if p.Name == name {
			return p, nil
		}
	}
	return nil, fault.New(fault.CodeMethodOff, fault.At(path...))
}

// Step is where a browser goes next, and what it carries there.
type Step struct {
	To     string
	Cookie string // for the way back, of RoundFor; "" takes any away
	Secure bool   // whether the cookie may travel by https only
}

// IssuerStart begins a sign-in by an issuer. challenge is the app's: base64url of the
// SHA-256 of a verifier that only SignInWithCode will show, so that the code at the
// end is of no use to anybody else. With an error the step leads back to the app,
// with #error=… and its code; without a step the provider is unknown. Errors:
// SIGN_IN_METHOD_OFF, INVALID, ISSUER_UNAVAILABLE.
func (s *Service) IssuerStart(ctx context.Context, provider, challenge string) (Step, error) {
	p, err := s.provider(provider)
	if err != nil {
		return Step{}, err
	}
	if raw, err := encoding.DecodeString(challenge); err != nil || len(raw) != sha256.Size {
		return failing(p, fault.New(fault.CodeInvalid, fault.At("challenge"), fault.P("rule", "CHALLENGE")))
	}
	r := round{
		Provider: p.Name, State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(),
		Challenge: challenge, Expires: s.core.Time().Add(RoundFor),
	}
	to, err := p.AuthURL(ctx, r.State, r.Nonce, r.Verifier)
	if err != nil {
		return failing(p, err)
	}
	raw, err := json.Marshal(r)
	if err != nil {
		return failing(p, fmt.Errorf("seal sign-in: %w", err))
	}
	return Step{To: to, Cookie: s.core.Box.Seal(sealRound, raw), Secure: secure(p)}, nil
}

// IssuerFinish ends the browser's way: it redeems the issuer's answer, once for a
// cookie, and leads to the app with #code=… for SignInWithCode, or with #error=… and
// an error code. A fragment stays in the browser: no server, log or Referer sees it.
// Errors: ID_TOKEN_INVALID, also for a state that this browser did not begin with;
// SIGN_IN_FAILED when the issuer says no; ISSUER_UNAVAILABLE, RATE_LIMITED.
func (s *Service) IssuerFinish(ctx context.Context, provider, cookie string, query url.Values) (Step, error) {
	p, err := s.provider(provider)
	if err != nil {
		return Step{}, err
	}
	refund, err := s.pace("", AddressOf(ctx))
	if err != nil {
		return failing(p, err)
	}
	code, err := s.finish(ctx, p, cookie, query)
	if err != nil {
		return failing(p, err)
	}
	refund()
	return Step{To: p.AppURL + "#code=" + code, Secure: secure(p)}, nil
}

func failing(p *oidc.Provider, err error) (Step, error) {
	return Step{To: p.AppURL + "#error=" + string(fault.CodeOf(err)), Secure: secure(p)}, err
}

func secure(p *oidc.Provider) bool { return strings.HasPrefix(p.RedirectURL, "https:") }

func (s *Service) finish(ctx context.Context, p *oidc.Provider, cookie string, query url.Values) (string, error) {
	now := s.core.Time()
	r, ok := s.opened(cookie)
	// The state says that this browser began; iss that no other issuer answers (RFC 9207).
	if !ok || r.Provider != p.Name || !now.Before(r.Expires) ||
		subtle.ConstantTimeCompare([]byte(r.State), []byte(query.Get("state"))) != 1 ||
		(query.Has("iss") && query.Get("iss") != p.Issuer) {
		return "", fault.New(fault.CodeIDTokenInvalid)
	}
	if query.Get("code") == "" { // refused at the issuer, by it or by the person
		return "", fault.New(fault.CodeSignInFailed)
	}
	sub, err := p.Exchange(ctx, query.Get("code"), r.Verifier, r.Nonce)
	if err != nil {
		return "", err
	}
	raw, err := json.Marshal(vouched{p.Name, sub})
	if err != nil {
		return "", fmt.Errorf("seal subject: %w", err)
	}
	check, err := encoding.DecodeString(r.Challenge)
	if err != nil {
		return "", fault.New(fault.CodeIDTokenInvalid)
	}
	code := rand.Text()
	t := &ticket{
		Head: store.Head{ID: s.ticketID(handover, code)}, Kind: handover, Expires: now.Add(handoverFor),
		Check: check, Sealed: s.core.Box.Seal(sealVouched, raw),
	}
	return code, s.core.DB.Tx(ctx, func(ctx context.Context) error { return s.put(ctx, t) })
}

func (s *Service) opened(cookie string) (r round, ok bool) {
	raw, err := s.core.Box.Open(sealRound, cookie)
	return r, err == nil && json.Unmarshal(raw, &r) == nil
}

// SignInWithCode is the app's half of a sign-in by an issuer.
type SignInWithCode struct {
	Code       string  `json:"-"` // from the app URL's fragment
	Verifier   string  `json:"-"` // whose hash was the challenge at the start
	Invitation *string `json:"-"` // for a subject that is not linked yet
}

// SignInWithIDToken is a sign-in by an app that asked the issuer itself.
type SignInWithIDToken struct {
	Provider   string
	IDToken    string  `json:"-"`
	Nonce      string  `json:"-"` // the token's nonce is base64url of its SHA-256
	Invitation *string `json:"-"`
}

// SignInWithCode opens a session for whom the issuer named. Errors: SIGN_IN_FAILED
// for a code that is none, used or not this app's; IDENTITY_UNLINKED for a subject
// without an account, after which the code still works together with an invitation;
// ONE_TIME_CODE_INVALID for the invitation; RATE_LIMITED.
func (s *Service) SignInWithCode(ctx context.Context, in SignInWithCode) (*SessionView, *Viewer, error) {
	refund, err := s.pace("", AddressOf(ctx))
	if err != nil {
		return nil, nil, err
	}
	now, sum := s.core.Time(), sha256.Sum256([]byte(in.Verifier))
	t, err := s.guess(ctx, s.ticketID(handover, in.Code), sum[:], now)
	if err != nil {
		return nil, nil, err
	}
	if t == nil {
		return nil, nil, s.failed(ctx, "", ByIssuer)
	}
	var who vouched
	raw, err := s.core.Box.Open(sealVouched, t.Sealed)
	if err == nil {
		err = json.Unmarshal(raw, &who)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("open subject: %w", err)
	}
	view, viewer, err := s.admit(ctx, who, in.Invitation, func(ctx context.Context) error { return s.burn(ctx, t, now) })
	if err == nil {
		refund()
	}
	return view, viewer, err
}

// SignInWithIDToken opens a session for the subject of an ID token. The token counts
// only together with the nonce whose hash it carries, so that a token read elsewhere
// is worth nothing, and only once. Errors: SIGN_IN_METHOD_OFF, ID_TOKEN_INVALID,
// ISSUER_UNAVAILABLE, and as of SignInWithCode.
func (s *Service) SignInWithIDToken(ctx context.Context, in SignInWithIDToken) (*SessionView, *Viewer, error) {
	p, err := s.provider(in.Provider, "input", "provider")
	if err != nil {
		return nil, nil, err
	}
	refund, err := s.pace("", AddressOf(ctx))
	if err != nil {
		return nil, nil, err
	}
	sum := sha256.Sum256([]byte(in.Nonce))
	nonce := encoding.EncodeToString(sum[:])
	sub, err := p.Verify(ctx, in.IDToken, nonce)
	if err != nil {
		return nil, nil, err
	}
	// The nonce is spent until no token with it could be fresh any more.
	used := &ticket{
		Head: store.Head{ID: s.ticketID(spent, p.Issuer+"\x00"+nonce)}, Kind: spent,
		Expires: s.core.Time().Add(oidc.Fresh + 3*oidc.Leeway),
	}
	view, viewer, err := s.admit(ctx, vouched{p.Name, sub}, in.Invitation, func(ctx context.Context) error {
		found, err := s.tickets.GetMany(ctx, []string{used.ID})
		if err != nil {
			return err
		}
		if found[used.ID] != nil {
			return fault.New(fault.CodeIDTokenInvalid, fault.At("input", "idToken"))
		}
		return s.put(ctx, used)
	})
	if err == nil {
		refund()
	}
	return view, viewer, err
}
