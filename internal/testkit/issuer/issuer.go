// Package issuer is an OpenID Connect issuer inside a test: own keys that rotate,
// the authorization-code flow with PKCE, and every way to answer wrongly. It signs
// whoever the test says in, without a page. The rule it keeps: it checks what a real
// issuer checks, so that a client that forgets something fails here.
package issuer

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// ClientID and Secret are those of the only client.
const (
	ClientID = "linkage-test"
	Secret   = "secret-of-the-client"
)

// Issuer is a running issuer, closed when the test ends.
type Issuer struct {
	URL string

	mu       sync.Mutex
	now      func() time.Time
	key      *ecdsa.PrivateKey
	kid      string
	grants   map[string]grant
	subject  string
	override http.HandlerFunc
	alter    func(jwt.MapClaims)
	fetches  map[string]int
}

// grant is an authorization code's.
type grant struct{ nonce, challenge, redirect, subject string }

// New starts an issuer whose clock is now.
func New(t testing.TB, now func() time.Time) *Issuer {
	t.Helper()
	i := &Issuer{now: now, grants: map[string]grant{}, subject: "subject-1", fetches: map[string]int{}}
	i.Rotate()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", i.configuration)
	mux.HandleFunc("GET /keys", i.keys)
	mux.HandleFunc("GET /authorize", i.authorize)
	mux.HandleFunc("POST /token", i.token)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i.mu.Lock()
		i.fetches[r.URL.Path]++
		override := i.override
		i.mu.Unlock()
		if override != nil {
			override(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	i.URL = s.URL
	return i
}

// Rotate makes a new key; what the old one signed is no longer verified.
func (i *Issuer) Rotate() {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.key, i.kid = key, word()
}

// Override answers everything by h from now on; nil ends that.
func (i *Issuer) Override(h http.HandlerFunc) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.override = h
}

// Alter changes the claims of every token of the code flow; nil ends that.
func (i *Issuer) Alter(f func(jwt.MapClaims)) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.alter = f
}

// Be makes the next sign-ins those of a subject.
func (i *Issuer) Be(subject string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.subject = subject
}

// Fetches counts how often a path was asked for.
func (i *Issuer) Fetches(path string) int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.fetches[path]
}

// Claims are those of a good ID token of this moment.
func (i *Issuer) Claims(subject, nonce string) jwt.MapClaims {
	now := i.now().Unix()
	return jwt.MapClaims{
		"iss": i.URL, "sub": subject, "aud": ClientID, "iat": now, "exp": now + 300, "nonce": nonce, "name": "李芳（示例）",
	}
}

// Sign makes a token of claims with the present key.
func (i *Issuer) Sign(claims jwt.MapClaims) string {
	i.mu.Lock()
	defer i.mu.Unlock()
	t := jwt.NewWithClaims(jwt.SigningMethodES256, claims)
	t.Header["kid"] = i.kid
	s, err := t.SignedString(i.key)
	if err != nil {
		panic(err)
	}
	return s
}

// Key is the present public key's id, for tokens that pretend to be signed by it.
func (i *Issuer) Key() (kid string, public *ecdsa.PublicKey) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.kid, &i.key.PublicKey
}

func (i *Issuer) configuration(w http.ResponseWriter, _ *http.Request) {
	answer(w, map[string]any{
		"issuer": i.URL, "authorization_endpoint": i.URL + "/authorize", "token_endpoint": i.URL + "/token", "jwks_uri": i.URL + "/keys",
		"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
		// An issuer may say so; a client must not listen.
		"id_token_signing_alg_values_supported": []string{"ES256", "HS256", "none"},
	})
}

func (i *Issuer) keys(w http.ResponseWriter, _ *http.Request) {
	kid, public := i.Key()
	coordinate := func(n *big.Int) string { return base64.RawURLEncoding.EncodeToString(n.FillBytes(make([]byte, 32))) }
	answer(w, map[string]any{"keys": []any{map[string]string{
		"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": kid,
		"x": coordinate(public.X), "y": coordinate(public.Y), //nolint:staticcheck // JWK wants the coordinates
	}}})
}

// authorize signs the subject in at once and sends the browser back.
func (i *Issuer) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("client_id") != ClientID || q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || q.Get("state") == "" {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	code := word()
	i.mu.Lock()
	i.grants[code] = grant{q.Get("nonce"), q.Get("code_challenge"), q.Get("redirect_uri"), i.subject}
	i.mu.Unlock()
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+url.Values{"code": {code}, "state": {q.Get("state")}, "iss": {i.URL}}.Encode(), http.StatusFound)
}

// token redeems a code once, for the client that began and holds the verifier.
func (i *Issuer) token(w http.ResponseWriter, r *http.Request) {
	id, secret, _ := r.BasicAuth()
	i.mu.Lock()
	g, known := i.grants[r.FormValue("code")]
	delete(i.grants, r.FormValue("code"))
	alter := i.alter
	i.mu.Unlock()
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	if id != ClientID || secret != Secret || !known || g.redirect != r.FormValue("redirect_uri") || g.challenge != base64.RawURLEncoding.EncodeToString(sum[:]) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprintln(w, `{"error":"invalid_grant"}`)
		return
	}
	claims := i.Claims(g.subject, g.nonce)
	if alter != nil {
		alter(claims)
	}
	answer(w, map[string]any{"access_token": word(), "token_type": "Bearer", "expires_in": 300, "id_token": i.Sign(claims)})
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // a client that is gone is nobody's error
}

func word() string {
	raw := make([]byte, 12)
	_, _ = rand.Read(raw)
	return base64.RawURLEncoding.EncodeToString(raw)
}
