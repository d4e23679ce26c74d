package oidc_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/fivesociety/linkage/internal/account/oidc"
	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/internal/testkit/issuer"
)

type room struct {
	*issuer.Issuer
	p     *oidc.Provider
	clock *clock.Manual
}

func config(i *issuer.Issuer) oidc.Config {
	return oidc.Config{
		Name: "city", Issuer: i.URL, ClientID: issuer.ClientID, ClientSecret: issuer.Secret,
		RedirectURL: "http://127.0.0.1/auth/oidc/city/callback", AppURL: "https://app.example/signed-in",
	}
}

func open(t *testing.T, change ...func(*oidc.Config)) *room {
	t.Helper()
	r := &room{clock: clock.NewManual(time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC))}
	r.Issuer = issuer.New(t, r.clock.Now)
	c := config(r.Issuer)
	for _, f := range change {
		f(&c)
	}
	var err error
	if r.p, err = oidc.New(c, false, r.clock.Now); err != nil {
		t.Fatal(err)
	}
	return r
}

const nonce = "nonce-of-this-sign-in"

// ask verifies a token of the issuer's claims, changed.
func (r *room) ask(change func(jwt.MapClaims)) error {
	c := r.Claims("subject-1", nonce)
	if change != nil {
		change(c)
	}
	_, err := r.p.Verify(context.Background(), r.Sign(c), nonce)
	return err
}

func TestATokenIsBelievedOnlyWhenAllOfItIsRight(t *testing.T) {
	t.Parallel()
	r := open(t, func(c *oidc.Config) { c.AuthorisedParties = []string{"phone-app"} })
	set := func(name string, v any) func(jwt.MapClaims) { return func(c jwt.MapClaims) { c[name] = v } }
	drop := func(name string) func(jwt.MapClaims) { return func(c jwt.MapClaims) { delete(c, name) } }
	at := func(d time.Duration) int64 { return r.clock.Now().Add(d).Unix() }
	cases := []struct {
		name   string
		change func(jwt.MapClaims)
		good   bool
	}{
		{"as issued", nil, true},
		{"several audiences and us as the party", func(c jwt.MapClaims) { c["aud"] = []string{"other", issuer.ClientID}; c["azp"] = issuer.ClientID }, true},
		{"a party that is allowed", set("azp", "phone-app"), true},
		{"ended within the leeway", set("exp", at(-oidc.Leeway+time.Second)), true},
		{"issued ahead within the leeway", set("iat", at(oidc.Leeway)), true},
		{"begins within the leeway", set("nbf", at(oidc.Leeway)), true},
		{"ended beyond the leeway", set("exp", at(-oidc.Leeway)), false},
		{"issued ahead beyond the leeway", set("iat", at(oidc.Leeway+time.Second)), false},
		{"begins beyond the leeway", set("nbf", at(oidc.Leeway+time.Second)), false},
		{"issued long ago", func(c jwt.MapClaims) {
			c["iat"] = at(-oidc.Fresh - oidc.Leeway - time.Second)
			c["exp"] = at(time.Hour)
		}, false},
		{"without an end", drop("exp"), false},
		{"without a beginning", drop("iat"), false},
		{"for another audience", set("aud", "other"), false},
		{"without an audience", drop("aud"), false},
		{"several audiences and no party", set("aud", []string{"other", issuer.ClientID}), false},
		{"for another party", set("azp", "other"), false},
		{"by another issuer", set("iss", "https://issuer.example"), false},
		{"with a slash more", set("iss", r.URL+"/"), false},
		{"with another nonce", set("nonce", "another"), false},
		{"without a nonce", drop("nonce"), false},
		{"without a subject", drop("sub"), false},
		{"with a subject too long", set("sub", strings.Repeat("x", 256)), false},
		{"too long", set("name", strings.Repeat("x", 20_000)), false},
	}
	for _, c := range cases {
		err := r.ask(c.change)
		if c.good && err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if !c.good && fault.CodeOf(err) != fault.CodeIDTokenInvalid {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestASignatureThatIsNotTheIssuersIsRefused(t *testing.T) {
	t.Parallel()
	r := open(t)
	kid, public := r.Key()
	foreign, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	der, err := x509.MarshalPKIXPublicKey(public)
	must(t, err)
	sign := func(m jwt.SigningMethod, key any, kid any) string {
		tok := jwt.NewWithClaims(m, r.Claims("subject-1", nonce))
		if kid != nil {
			tok.Header["kid"] = kid
		}
		s, err := tok.SignedString(key)
		must(t, err)
		return s
	}
	good := r.Sign(r.Claims("subject-1", nonce))
	for name, token := range map[string]string{
		"none":                     sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, kid),
		"HS256 by the public key":  sign(jwt.SigningMethodHS256, der, kid),
		"HS256 by the secret":      sign(jwt.SigningMethodHS256, []byte(issuer.Secret), kid),
		"foreign key":              sign(jwt.SigningMethodES256, foreign, kid),
		"foreign key without name": sign(jwt.SigningMethodES256, foreign, nil),
		"unknown key":              sign(jwt.SigningMethodES256, foreign, "another"),
		"no signature":             good[:strings.LastIndex(good, ".")+1],
		"empty":                    "", "words": "not a token", "dots": strings.Repeat(".", 5000),
	} {
		if _, err := r.p.Verify(context.Background(), token, nonce); fault.CodeOf(err) != fault.CodeIDTokenInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestKeysRotateWhileRunning(t *testing.T) {
	t.Parallel()
	r := open(t)
	must(t, r.ask(nil))
	old := r.Sign(r.Claims("subject-1", nonce))
	r.Rotate()
	must(t, r.ask(nil))
	if n := r.Fetches("/keys"); n != 2 {
		t.Fatalf("keys fetched %d times", n)
	}
	_, err := r.p.Verify(context.Background(), old, nonce)
	testkit.WantCode(t, err, fault.CodeIDTokenInvalid)
	// A key withdrawn without a successor is refused a while later.
	kept := r.Claims("subject-1", nonce)
	kept["iat"], kept["exp"] = r.clock.Now().Add(16*time.Minute).Unix(), r.clock.Now().Add(time.Hour).Unix()
	stolen := r.Sign(kept)
	r.clock.Advance(16 * time.Minute)
	r.Rotate()
	_, err = r.p.Verify(context.Background(), stolen, nonce)
	testkit.WantCode(t, err, fault.CodeIDTokenInvalid)
}

func TestAnIssuerThatIsAwayCostsABoundedTime(t *testing.T) {
	t.Parallel()
	endless := func(w http.ResponseWriter, _ *http.Request) {
		for chunk := []byte(strings.Repeat(" ", 64<<10)); ; {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}
	for name, h := range map[string]http.HandlerFunc{
		"broken":   func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) },
		"huge":     endless,
		"nonsense": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) },
		"elsewhere": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://issuer.example"+r.URL.Path, http.StatusFound)
		},
		"somebody else": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"issuer":"https://issuer.example"}`))
		},
		"slow": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := open(t)
			oidc.Hurry(r.p, 200*time.Millisecond)
			if !r.p.Available() {
				t.Fatal("not asked yet, and not available")
			}
			r.Override(h)
			_, err := r.p.AuthURL(context.Background(), "state", nonce, "verifier")
			testkit.WantCode(t, err, fault.CodeIssuerUnavailable)
			if r.p.Available() {
				t.Error("it is said to be available")
			}
			// It is left in peace for a while, then asked again.
			_, err = r.p.AuthURL(context.Background(), "state", nonce, "verifier")
			testkit.WantCode(t, err, fault.CodeIssuerUnavailable)
			if n := r.Fetches("/.well-known/openid-configuration"); n != 1 {
				t.Errorf("asked %d times", n)
			}
			r.Override(nil)
			r.clock.Advance(6 * time.Second)
			must(t, r.ask(nil))
			// Known endpoints do while it is away again; a new key cannot be had.
			r.Override(h)
			r.Rotate()
			err = r.ask(nil)
			if code := fault.CodeOf(err); code != fault.CodeIssuerUnavailable && code != fault.CodeIDTokenInvalid {
				t.Error(err)
			}
			if name == "slow" {
				testkit.WantCode(t, err, fault.CodeIssuerUnavailable)
			}
		})
	}
}

func TestManyCallersAskAnIssuerOnce(t *testing.T) {
	t.Parallel()
	r := open(t)
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			if _, err := r.p.AuthURL(context.Background(), "s", nonce, "v"); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if n := r.Fetches("/.well-known/openid-configuration"); n != 1 {
		t.Fatalf("asked %d times", n)
	}
}

func TestACodeIsRedeemedOnceWithItsVerifier(t *testing.T) {
	t.Parallel()
	r := open(t)
	const verifier = "a-verifier-that-is-long-enough-for-the-rfc-7636"
	code := func() string {
		to, err := r.p.AuthURL(t.Context(), "state", nonce, verifier)
		must(t, err)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, to, nil)
		must(t, err)
		resp, err := http.DefaultTransport.RoundTrip(req)
		must(t, err)
		must(t, resp.Body.Close())
		back, err := url.Parse(resp.Header.Get("Location"))
		must(t, err)
		return back.Query().Get("code")
	}
	first := code()
	s, err := r.p.Exchange(t.Context(), first, verifier, nonce)
	must(t, err)
	if s != (oidc.Subject{Issuer: r.URL, ID: "subject-1", Display: "李芳（示例）"}) {
		t.Fatalf("%+v", s)
	}
	for name, try := range map[string]func() error{
		"twice":            func() error { _, err := r.p.Exchange(t.Context(), first, verifier, nonce); return err },
		"another verifier": func() error { _, err := r.p.Exchange(t.Context(), code(), verifier+"x", nonce); return err },
		"another nonce":    func() error { _, err := r.p.Exchange(t.Context(), code(), verifier, "x"); return err },
		"no code":          func() error { _, err := r.p.Exchange(t.Context(), "", verifier, nonce); return err },
	} {
		if err := try(); fault.CodeOf(err) != fault.CodeIDTokenInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	good := code()
	r.Override(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	_, err = r.p.Exchange(t.Context(), good, verifier, nonce)
	testkit.WantCode(t, err, fault.CodeIssuerUnavailable)
}

func TestAConfigurationThatIsWrongIsRefusedByName(t *testing.T) {
	t.Parallel()
	good := oidc.Config{
		Name: "city", Issuer: "https://issuer.example", ClientID: "x", RedirectURL: "https://board.example/auth/oidc/city/callback",
		AppURL: "https://board.example/in",
	}
	_, err := oidc.New(good, true, time.Now)
	must(t, err)
	for name, change := range map[string]func(*oidc.Config){
		"name":        func(c *oidc.Config) { c.Name = "City/../" },
		"issuer":      func(c *oidc.Config) { c.Issuer = "http://issuer.example" },
		"client":      func(c *oidc.Config) { c.ClientID = "" },
		"redirect":    func(c *oidc.Config) { c.RedirectURL = "http://board.example/x" },
		"app":         func(c *oidc.Config) { c.AppURL = "javascript:alert(1)" },
		"app in http": func(c *oidc.Config) { c.AppURL = "http://board.example" },
		"fragment":    func(c *oidc.Config) { c.AppURL += "#x" },
		"scopes":      func(c *oidc.Config) { c.Scopes = []string{"email"} },
		"linking":     func(c *oidc.Config) { c.Linking = "BY_EMAIL" },
	} {
		c := good
		change(&c)
		if _, err := oidc.New(c, true, time.Now); fault.CodeOf(err) != fault.CodeConfiguration {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
