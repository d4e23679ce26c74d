package wire

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/fivesociety/linkage/internal/wsclient"
)

const whoAmI = `{ viewer { account { id } } }`

// forgeries are tokens that the store did not sign, or not like this.
func forgeries(t *testing.T, s *site) map[string]string {
	t.Helper()
	genuine := s.tokens["admin"]
	parts := strings.Split(genuine, ".")
	claims := jwt.MapClaims{}
	_, _, err := jwt.NewParser().ParseUnverified(genuine, claims)
	must(t, err)
	header := map[string]any{}
	raw, err := base64.RawURLEncoding.DecodeString(parts[0])
	must(t, err)
	must(t, json.Unmarshal(raw, &header))
	_, own, err := ed25519.GenerateKey(nil)
	must(t, err)
	sign := func(method jwt.SigningMethod, key any, claims jwt.Claims) string {
		tok := jwt.NewWithClaims(method, claims)
		tok.Header["kid"] = header["kid"]
		out, err := tok.SignedString(key)
		must(t, err)
		return out
	}
	other := strings.Split(s.tokens["resident"], ".")
	return map[string]string{
		"signed by another key":     sign(jwt.SigningMethodEdDSA, own, claims),
		"signed by nobody":          sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, claims),
		"signed with a secret":      sign(jwt.SigningMethodHS256, []byte("secret"), claims),
		"the claims of another":     other[0] + "." + parts[1] + "." + other[2],
		"without a signature":       parts[0] + "." + parts[1] + ".",
		"an altered signature":      parts[0] + "." + parts[1] + "." + swapped(parts[2]),
		"cut short":                 genuine[:len(genuine)-8],
		"words":                     "letmein",
		"huge":                      strings.Repeat("a", 3_000),
		"the token of another site": s.tokens["elsewhere"],
	}
}

func forgedTokensAreRefused(t *testing.T, s *site) {
	elsewhere := another(t)
	s.tokens["elsewhere"] = elsewhere.tokens["admin"]
	for name, token := range forgeries(t, s) {
		refused(t, name, "UNAUTHENTICATED", func(header ...string) reply {
			r := s.as(t, "", whoAmI, nil, append(header, "Authorization", "Bearer "+token)...)
			if r.status != 401 || !strings.Contains(r.header.Get("WWW-Authenticate"), "invalid_token") || r.Data != nil {
				t.Errorf("%s: %d %s", name, r.status, r.body)
			}
			return r
		})
		_, err := s.dial(t, token)
		if closed := (*wsclient.CloseError)(nil); !errors.As(err, &closed) || closed.Code != 4403 {
			t.Errorf("%s on a socket: %v", name, err)
		}
	}
	for _, scheme := range []string{"Basic YWRtaW46YWRtaW4=", "Bearer", s.tokens["admin"], "Bearer " + s.tokens["admin"] + " x"} {
		refused(t, scheme, "UNAUTHENTICATED", func(header ...string) reply {
			return s.as(t, "", whoAmI, nil, append(header, "Authorization", scheme)...)
		})
	}
	if r := s.as(t, "", whoAmI, nil); r.status != 200 || r.at("viewer") != nil {
		t.Errorf("without any: %d %s", r.status, r.body)
	}
}

func anExpiredTokenSaysSo(t *testing.T, s *site) {
	c, err := s.dial(t, s.tokens["coordinator"])
	must(t, err)
	s.clock.Advance(16 * time.Minute)
	refused(t, "expired", "TOKEN_EXPIRED", func(header ...string) reply {
		r := s.as(t, "coordinator", whoAmI, nil, header...)
		if r.status != 401 {
			t.Errorf("%d %s", r.status, r.body)
		}
		return r
	})
	closes(t, "the socket that was open", c, 4403)
	_, err = s.dial(t, s.tokens["coordinator"])
	if closed := (*wsclient.CloseError)(nil); !errors.As(err, &closed) || closed.Code != 4403 {
		t.Errorf("a new socket: %v", err)
	}
}

// closes waits for the server to close a socket with a code.
func closes(t *testing.T, name string, c *wsclient.Client, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	select {
	case <-c.Done():
	case <-ctx.Done():
		t.Fatalf("%s stays open", name)
	}
	if closed := (*wsclient.CloseError)(nil); !errors.As(c.Err(), &closed) || closed.Code != code {
		t.Errorf("%s: %v, want %d", name, c.Err(), code)
	}
}

const renew = `mutation($input: SessionRenewInput!) { sessionRenew(input: $input) { expiresAt errors { code message path } } }`

func aSocketThatRenewsOutlivesItsToken(t *testing.T, s *site) {
	session, err := s.Accounts.OpenSession(t.Context(), s.id(t, "accounts", "coordinator"))
	must(t, err)
	c, err := s.dial(t, session.AccessToken)
	must(t, err)
	sub, err := c.Subscribe(t.Context(), `subscription { requestFeed { __typename } }`, nil, "")
	must(t, err)
	s.clock.Advance(14 * time.Minute)
	r := s.mutate(t, "", "tokenRefresh", "session { accessToken refreshToken }", map[string]any{"refreshToken": session.RefreshToken})
	fresh := text(r.at("tokenRefresh.session.accessToken"))
	if fresh == "" {
		t.Fatal(r.body)
	}
	for name, token := range map[string]string{"of another account": s.fresh(t, "admin"), "of nobody": "letmein"} {
		m, err := c.Query(t.Context(), renew, map[string]any{"input": map[string]any{"accessToken": token}})
		var got struct {
			SessionRenew *struct{ ExpiresAt *time.Time }
		}
		must(t, errors.Join(err, json.Unmarshal(m.Data, &got)))
		if got.SessionRenew != nil && got.SessionRenew.ExpiresAt != nil {
			t.Errorf("a token %s renews: %s", name, m.Data)
		}
	}
	m, err := c.Query(t.Context(), renew, map[string]any{"input": map[string]any{"accessToken": fresh}})
	if err != nil || !strings.Contains(string(m.Data), `"expiresAt":"2`) {
		t.Fatalf("%v %s %v", err, m.Data, m.Errors)
	}
	s.clock.Advance(5 * time.Minute) // 19 minutes after the first token
	must(t, c.Ping(t.Context()))
	if m, err := c.Query(t.Context(), whoAmI, nil); err != nil || !strings.Contains(string(m.Data), s.id(t, "accounts", "coordinator")) {
		t.Errorf("after the first token's end: %v %s %v", err, m.Data, m.Errors)
	}
	must(t, sub.Close())
	s.clock.Advance(15 * time.Minute)
	closes(t, "the socket not renewed again", c, 4403)
}
