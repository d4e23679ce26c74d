package wire

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/account/codehook"
	"github.com/fivesociety/linkage/internal/account/oidc"
	"github.com/fivesociety/linkage/internal/testkit/issuer"
)

const signedIn = "session { accessToken refreshToken } viewer { account { id } }"

// browser follows redirects with cookies until it would reach the app.
func browser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	must(t, err)
	return &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if r.URL.Host == "app.example" {
			return http.ErrUseLastResponse
		}
		return nil
	}}
}

// goes is the fragment with which a browser reaches the app.
func goes(t *testing.T, b *http.Client, to string) url.Values {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, to, nil)
	must(t, err)
	resp, err := b.Do(req)
	must(t, err)
	must(t, resp.Body.Close())
	if resp.Header.Get("Cache-Control") != "no-store" || resp.Header.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("headers %v", resp.Header)
	}
	at, err := url.Parse(resp.Header.Get("Location"))
	must(t, err)
	if at.Host != "app.example" || at.RawQuery != "" {
		t.Fatalf("the browser ends at %q (status %d)", at, resp.StatusCode)
	}
	q, err := url.ParseQuery(at.Fragment)
	must(t, err)
	return q
}

func TestTheWholeWayRoundAnIssuer(t *testing.T) {
	t.Parallel()
	i := issuer.New(t, time.Now)
	s := signingIn(t, func(c *account.Config) {
		c.Issuers = []oidc.Config{{
			Name: "city", Issuer: i.URL, ClientID: issuer.ClientID, ClientSecret: issuer.Secret, Linking: oidc.LinkByInvite,
			RedirectURL: "http://placeholder.example/auth/oidc/city/callback", AppURL: "https://app.example/in",
		}}
	})
	const verifier = "what only this app knows"
	sum := sha256.Sum256([]byte(verifier))
	const here = "http://placeholder.example" // the redirect URL is configured before the port is known
	start := here + "/auth/oidc/city/start?challenge=" + base64.RawURLEncoding.EncodeToString(sum[:])
	b := browser(t)
	b.Transport = toward{strings.TrimPrefix(s.url, "http://")}
	code := goes(t, b, start).Get("code")
	if code == "" {
		t.Fatal("no code")
	}
	in := map[string]any{"code": code, "verifier": verifier}
	refused := s.mutate(t, "", "signInWithCode", signedIn, in)
	if refused.first().code != "IDENTITY_UNLINKED" {
		t.Fatalf("%s", refused.body)
	}
	r := s.mutate(t, "admin", "identityInvite", "oneTimeCode { secret }", map[string]any{"accountId": s.id(t, "accounts", "partner")})
	in["invitation"] = r.at("identityInvite.oneTimeCode.secret")
	r = s.mutate(t, "", "signInWithCode", signedIn, in)
	if r.at("signInWithCode.viewer.account.id") != s.id(t, "accounts", "partner") {
		t.Fatalf("%s", r.body)
	}
	s.tokens["by-issuer"] = text(r.at("signInWithCode.session.accessToken"))
	if r := s.as(t, "by-issuer", "{ viewer { account { identities { provider display } } sessions { nodes { method current } } } }", nil); !strings.Contains(r.body, `"provider":"city","display":"李芳（示例）"`) || !strings.Contains(r.body, `"method":"ISSUER","current":true`) {
		t.Fatalf("%s", r.body)
	}
	// Neither the code nor the one invitation does it again; the linked subject does.
	if r := s.mutate(t, "", "signInWithCode", signedIn, in); r.first().code != "SIGN_IN_FAILED" {
		t.Fatalf("%s", r.body)
	}
	in = map[string]any{"code": goes(t, b, start).Get("code"), "verifier": verifier}
	if r := s.mutate(t, "", "signInWithCode", signedIn, in); r.at("signInWithCode.viewer.account.id") != s.id(t, "accounts", "partner") {
		t.Fatalf("%s", r.body)
	}
	// A browser without the cookie, a start without a challenge, a provider there is not.
	if e := goes(t, b, here+"/auth/oidc/city/callback?code=x&state=y").Get("error"); e != "ID_TOKEN_INVALID" {
		t.Errorf("error %q", e)
	}
	if e := goes(t, b, here+"/auth/oidc/city/start").Get("error"); e != "INVALID" {
		t.Errorf("error %q", e)
	}
	if r := s.send(t, http.MethodGet, "/auth/oidc/nowhere/start", nil); r.status != http.StatusNotFound {
		t.Errorf("status %d", r.status)
	}
	if log := s.log.String(); strings.Contains(log, code) || strings.Contains(log, "subject-1") || strings.Contains(log, verifier) {
		t.Error("the log says what it should not")
	}
	// An issuer that is away makes nothing else so.
	i.Override(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	s.clock.Advance(time.Hour)
	if e := goes(t, b, start).Get("error"); e != "ISSUER_UNAVAILABLE" {
		t.Errorf("error %q", e)
	}
	if r := s.send(t, http.MethodGet, "/readyz", nil); r.status != http.StatusOK {
		t.Errorf("readyz %d", r.status)
	}
}

// toward sends what is meant for placeholder.example to the server.
type toward struct{ host string }

func (x toward) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host == "placeholder.example" {
		r = r.Clone(r.Context())
		r.URL.Host = x.host
	}
	return http.DefaultTransport.RoundTrip(r)
}

func TestTheWholeWayOfAPhoneCode(t *testing.T) {
	t.Parallel()
	sent := make(chan map[string]any, 8)
	gateway := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var m map[string]any
		if r.Header.Get("Authorization") != "Bearer t0ken" || json.NewDecoder(r.Body).Decode(&m) != nil {
			t.Error("what came is no message of ours")
		}
		sent <- m
	}))
	defer gateway.Close()
	hook, err := codehook.New(gateway.URL, "t0ken", false)
	must(t, err)
	s := signingIn(t, func(c *account.Config) { c.Sender = hook })
	const phone = "13800138000"
	if r := s.mutate(t, "partner", "phoneSet", "expiresAt", map[string]any{"phone": phone}); r.first().code != "" {
		t.Fatalf("%s", r.body)
	}
	r := s.mutate(t, "partner", "phoneConfirm", "phone", map[string]any{"code": (<-sent)["code"]})
	if r.at("phoneConfirm.phone") != "+86138****00" {
		t.Fatalf("%s", r.body)
	}
	if r := s.mutate(t, "", "phoneCodeRequest", "expiresAt", map[string]any{"phone": phone}); r.first().code != "" {
		t.Fatalf("%s", r.body)
	}
	in := map[string]any{"phone": phone, "code": (<-sent)["code"]}
	if r := s.mutate(t, "", "phoneSignIn", signedIn, in); r.at("phoneSignIn.viewer.account.id") != s.id(t, "accounts", "partner") {
		t.Fatalf("%s", r.body)
	}
	if r := s.mutate(t, "", "phoneSignIn", signedIn, in); r.first().code != "SIGN_IN_FAILED" {
		t.Fatalf("%s", r.body)
	}
	if log := s.log.String(); strings.Contains(log, "138001") || strings.Contains(log, text(in["code"])) {
		t.Error("the log says what it should not")
	}
}
