package oidc

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	upstream "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/fivesociety/linkage/internal/fault"
)

// Times of a provider.
const (
	// Leeway is how far the issuer's clock may be off, either way.
	Leeway = 60 * time.Second
	// Fresh is how long after it was issued an ID token signs somebody in.
	Fresh = 10 * time.Minute
	// forget is how long the discovered endpoints and keys are used: a key that the
	// issuer withdrew is refused after that.
	forget = 15 * time.Minute
	// rest is how long an issuer that was away is not asked again.
	rest = 5 * time.Second
)

// Provider is one identity provider in use. It is safe for use by several
// goroutines. The issuer is asked when first needed, never at the start: one that is
// away must not keep the platform, or any other way to sign in, from working.
type Provider struct {
	Config
	now    func() time.Time
	client *http.Client

	mu     sync.Mutex
	found  *issuer
	at     time.Time // of the discovery
	failed error
	tried  time.Time
	asking chan struct{} // closed when the discovery under way is over
}

// New makes a provider of a configuration; CONFIGURATION_INVALID says what to mend.
// now is the clock by which tokens are judged.
func New(c Config, production bool, now func() time.Time) (*Provider, error) {
	c, err := c.complete(production)
	return &Provider{Config: c, now: now, client: client(askWithin)}, err
}

// Available reports whether the issuer answered when it was last asked; true when it
// has not been asked yet. It asks nobody.
func (p *Provider) Available() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.failed == nil
}

// discover gives the issuer's endpoints and keys. One caller asks, the others wait
// for its answer. Old ones do while the issuer is away, up to twice their time.
func (p *Provider) discover(ctx context.Context) (*issuer, error) {
	for {
		p.mu.Lock()
		now := p.now()
		switch {
		case p.found != nil && now.Sub(p.at) < forget:
			defer p.mu.Unlock()
			return p.found, nil
		case p.failed != nil && now.Sub(p.tried) < rest:
			defer p.mu.Unlock()
			return p.last(now)
		case p.asking == nil:
			p.asking = make(chan struct{})
			p.mu.Unlock()
			p.ask(now)
			continue
		}
		asking := p.asking
		p.mu.Unlock()
		select {
		case <-asking:
		case <-ctx.Done():
			return nil, fault.New(fault.CodeIssuerUnavailable, fault.Because(ctx.Err()))
		}
	}
}

// last is what to answer after a discovery that failed.
func (p *Provider) last(now time.Time) (*issuer, error) {
	if p.found != nil && now.Sub(p.at) < 2*forget {
		return p.found, nil
	}
	return nil, p.failed
}

// ask asks on its own time, not that of the caller who happened to be first.
func (p *Provider) ask(now time.Time) {
	ctx, cancel := context.WithTimeout(upstream.ClientContext(context.Background(), p.client), askWithin)
	defer cancel()
	found, err := discovered(ctx, p.Issuer, p.client)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tried, p.failed = now, nil
	if err != nil {
		p.failed = fault.New(fault.CodeIssuerUnavailable, fault.Because(fmt.Errorf("discover %s: %s", p.Name, clip(err.Error()))))
	} else {
		p.found, p.at = found, now
	}
	close(p.asking)
	p.asking = nil
}

// AuthURL is where to send a browser. The verifier is PKCE's (RFC 7636); only its
// hash leaves. ISSUER_UNAVAILABLE when the issuer does not answer.
func (p *Provider) AuthURL(ctx context.Context, state, nonce, verifier string) (string, error) {
	found, err := p.discover(ctx)
	if err != nil {
		return "", err
	}
	return p.oauth(found).AuthCodeURL(state, upstream.Nonce(nonce), oauth2.S256ChallengeOption(verifier)), nil
}

func (p *Provider) oauth(found *issuer) *oauth2.Config {
	return &oauth2.Config{
		ClientID: p.ClientID, ClientSecret: p.ClientSecret, RedirectURL: p.RedirectURL, Scopes: p.Scopes, Endpoint: found.Endpoint(),
	}
}

// issuer is what was discovered of one.
type issuer struct {
	*upstream.Provider
	keys keySet
}

func discovered(ctx context.Context, url string, c *http.Client) (*issuer, error) {
	found, err := upstream.NewProvider(ctx, url)
	if err != nil {
		return nil, err
	}
	var more struct {
		Keys string `json:"jwks_uri"`
	}
	if err := found.Claims(&more); err != nil {
		return nil, err
	}
	// Keys are fetched when a token names one that is not known yet.
	return &issuer{found, keySet{upstream.NewRemoteKeySet(upstream.ClientContext(context.Background(), c), more.Keys)}}, nil
}

// keySet hands out why keys could not be fetched, which the verifier above it drops:
// an issuer that is away is not a token that is false.
type keySet struct{ upstream.KeySet }

type keylessKey struct{}

// VerifySignature is the key set's own, with its error kept in ctx.
func (k keySet) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	payload, err := k.KeySet.VerifySignature(ctx, jwt)
	if kept, ok := ctx.Value(keylessKey{}).(*error); ok {
		*kept = err
	}
	return payload, err
}

func clip(s string) string {
	if len(s) > 200 {
		return s[:200] + "…"
	}
	return s
}
