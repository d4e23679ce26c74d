package wire

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/wsclient"
)

func signInNeverTellsWhetherAnAccountExists(t *testing.T, s *site) {
	admin := s.id(t, "accounts", "admin")
	disabled := s.id(t, "accounts", "auditor")
	r := s.mutate(t, "admin", "accountDisable", "account { state }", map[string]any{"accountId": disabled, "reason": "COMPLAINT", "expectedVersion": s.accountVersion(t, "auditor")})
	if r.at("accountDisable.account.state") != "DISABLED" {
		t.Fatalf("disable: %s", r.body)
	}
	var bodies []string
	for _, in := range []map[string]any{
		{"name": "admin", "password": "wrong horse battery"},
		{"name": "nobody-of-that-name", "password": "wrong horse battery"},
		{"name": "auditor", "password": "tangshan-audit-2026"}, // right, but disabled
		{"name": admin, "password": "wrong horse battery"},
		{"name": "", "password": ""},
		{"name": strings.Repeat("x", 5000), "password": strings.Repeat("y", 5000)},
		{"name": "ad\x00min", "password": "x"},
	} {
		s.unchanged(t, fmt.Sprint(in), func() {
			r := s.mutate(t, "", "signIn", "session { accessToken } viewer { account { id } }", in)
			if r.first().code != "SIGN_IN_FAILED" {
				t.Errorf("%.80v: %s", in, r.body)
			}
			bodies = append(bodies, fmt.Sprintf("%d %s", r.status, r.answer()))
		})
	}
	if slices.Sort(bodies); len(slices.Compact(bodies)) != 1 {
		t.Errorf("the answers differ: %s", bodies)
	}
	r = s.mutate(t, "", "signIn", "session { accessToken } viewer { account { id } roles }", map[string]any{"name": "admin", "password": "tangshan-admn-2026"})
	if r.at("signIn.viewer.account.id") != admin {
		t.Errorf("the right password: %s", r.body)
	}
	if strings.Contains(s.log.String(), "wrong horse") || strings.Contains(s.log.String(), "nobody-of") {
		t.Error("the log tells names or passwords")
	}
}

func (s *site) accountVersion(t *testing.T, name string) int {
	t.Helper()
	r := s.as(t, "admin", `query($id: ID!) { account(id: $id) { version } }`, map[string]any{"id": s.id(t, "accounts", name)})
	v, ok := r.at("account.version").(float64)
	if !ok {
		t.Fatal(r.body)
	}
	return int(v)
}

func signInIsRateLimitedByNameWhetherThereOrNot(t *testing.T, s *site) {
	for _, name := range []string{"coordinator", "nobody-of-that-name"} {
		in := map[string]any{"name": name, "password": "wrong horse battery"}
		for i := range 5 {
			if f := s.mutate(t, "", "signIn", "session { accessToken }", in).first(); f.code != "SIGN_IN_FAILED" {
				t.Fatalf("try %d of %s: %+v", i, name, f)
			}
		}
		refused(t, "the sixth of "+name, "RATE_LIMITED", func(header ...string) reply {
			r := s.mutate(t, "", "signIn", "session { accessToken }", in, header...)
			if r.status != 200 {
				t.Errorf("%d %s", r.status, r.body)
			}
			return r
		})
	}
	right := map[string]any{"name": "coordinator", "password": "tangshan-coord-2026"}
	if f := s.mutate(t, "", "signIn", "session { accessToken }", right).first(); f.code != "RATE_LIMITED" {
		t.Errorf("the right password while limited: %+v", f)
	}
	s.clock.Advance(10 * time.Second)
	if r := s.mutate(t, "", "signIn", "session { accessToken }", right); text(r.at("signIn.session.accessToken")) == "" {
		t.Errorf("later: %s", r.body)
	}
}

func aRefreshTokenUsedTwiceEndsTheFamily(t *testing.T, s *site) {
	signIn := s.mutate(t, "", "signIn", "session { accessToken refreshToken }", map[string]any{"name": "partner", "password": "tangshan-partn-2026"})
	first := text(signIn.at("signIn.session.refreshToken"))
	refresh := func(token string, header ...string) reply {
		return s.mutate(t, "", "tokenRefresh", "session { accessToken refreshToken }", map[string]any{"refreshToken": token}, header...)
	}
	second := refresh(first)
	access, next := text(second.at("tokenRefresh.session.accessToken")), text(second.at("tokenRefresh.session.refreshToken"))
	if access == "" || next == "" || next == first {
		t.Fatal(second.body)
	}
	c, err := s.dial(t, access)
	must(t, err)
	refused(t, "used twice", "SESSION_ENDED", func(header ...string) reply { return refresh(first, header...) })
	closes(t, "the family's socket", c, 4403)
	refused(t, "the newest", "SESSION_ENDED", func(header ...string) reply { return refresh(next, header...) })
	s.tokens["thief"] = access
	refused(t, "the access token", "SESSION_ENDED", func(header ...string) reply { return s.as(t, "thief", whoAmI, nil, header...) })
	for name, token := range map[string]string{"words": "letmein", "cut short": next[:len(next)-5], "an access token": s.tokens["partner"], "huge": strings.Repeat("x", 9000)} {
		refused(t, name, "UNAUTHENTICATED", func(header ...string) reply { return refresh(token, header...) })
	}
	if r := s.as(t, "partner", whoAmI, nil); r.at("viewer.account.id") == nil {
		t.Errorf("the account's other session: %s", r.body)
	}
}

func signOutClosesTheSessionsSockets(t *testing.T, s *site) {
	s.tokens["one"], s.tokens["two"] = s.fresh(t, "resident"), s.fresh(t, "resident")
	one, err := s.dial(t, s.tokens["one"])
	must(t, err)
	two, err := s.dial(t, s.tokens["two"])
	must(t, err)
	if r := s.mutate(t, "one", "signOut", "ended", map[string]any{}); r.at("signOut.ended") != 1.0 {
		t.Fatalf("%s", r.body)
	}
	closes(t, "the session's socket", one, 4403)
	must(t, two.Ping(t.Context()))
	refused(t, "the ended session", "SESSION_ENDED", func(header ...string) reply { return s.as(t, "one", whoAmI, nil, header...) })
	if _, err := s.dial(t, s.tokens["one"]); err == nil {
		t.Error("the ended session opens a socket")
	}
	if r := s.mutate(t, "two", "signOut", "ended", map[string]any{"everywhere": true}); r.at("signOut.ended") != 2.0 { // with the world's own
		t.Errorf("everywhere: %s", r.body)
	}
	closes(t, "the other socket", two, 4403)
	refused(t, "nobody", "UNAUTHENTICATED", func(header ...string) reply { return s.mutate(t, "", "signOut", "ended", map[string]any{}, header...) })
}

func endingASessionClosesItsSocketsAtOnce(t *testing.T, s *site) {
	s.tokens["lost"], s.tokens["kept"] = s.fresh(t, "resident"), s.fresh(t, "resident")
	const mine = "{ viewer { sessions { nodes { id current } } } }"
	lost := ""
	r := s.as(t, "lost", mine, nil)
	for _, n := range r.at("viewer.sessions.nodes").([]any) {
		if n := n.(map[string]any); n["current"] == true {
			lost = n["id"].(string)
		}
	}
	one, err := s.dial(t, s.tokens["lost"])
	must(t, err)
	two, err := s.dial(t, s.tokens["kept"])
	must(t, err)
	if r := s.mutate(t, "kept", "sessionEnd", "ended", map[string]any{"sessionId": lost}); r.at("sessionEnd.ended") != 1.0 {
		t.Fatalf("%s", r.body)
	}
	closes(t, "the ended session's socket", one, 4403)
	must(t, two.Ping(t.Context()))
	third, err := s.dial(t, s.fresh(t, "resident"))
	must(t, err)
	if r := s.mutate(t, "kept", "sessionEndOthers", "ended", map[string]any{}); r.at("sessionEndOthers.ended") != 2.0 { // with the world's own
		t.Fatalf("%s", r.body)
	}
	closes(t, "another session's socket", third, 4403)
	must(t, two.Ping(t.Context()))
}

// What was committed before a revocation arrives, what comes after it does not: the
// socket obeys in the order of the log.
func aRevokedRoleClosesItsSocketsInSequence(t *testing.T, s *site) {
	c, err := s.dial(t, s.tokens["coordinator"])
	must(t, err)
	bystander, err := s.dial(t, s.tokens["socialworker"])
	must(t, err)
	sub, err := c.Subscribe(t.Context(), `subscription { requestFeed { ... on RequestChanged { serviceRequest { id note } } ... on RequestEntered { serviceRequest { id note } } } }`, nil, "")
	must(t, err)
	_, err = sub.Next(t.Context()) // the checkpoint with which it begins
	must(t, err)
	request := s.id(t, "requests", "r-escort")
	change := func(note string) {
		t.Helper()
		in := map[string]any{"serviceRequestId": request, "note": note, "expectedVersion": s.version(t, "coordinator", request)}
		if f := s.mutate(t, "coordinator", "serviceRequestChange", "__typename", in).first(); f.code != "" {
			t.Fatalf("%s: %+v", note, f)
		}
	}
	change("before")
	grant := text(s.as(t, "coordinator", `{ viewer { grants { id } } }`, nil).at("viewer.grants.0.id"))
	if f := s.mutate(t, "admin", "roleRevoke", "__typename", map[string]any{"grantId": grant, "reason": "COMPLAINT"}).first(); f.code != "" {
		t.Fatalf("revoke: %+v", f)
	}
	if r := s.as(t, "coordinator", `query($id: ID!) { serviceRequest(id: $id) { id } viewer { roles } }`, map[string]any{"id": request}); r.at("serviceRequest") != nil {
		t.Errorf("after the revocation: %s", r.body)
	}
	var seen strings.Builder
	for {
		m, err := sub.Next(t.Context())
		if err != nil {
			if closed := (*wsclient.CloseError)(nil); !errors.As(err, &closed) || closed.Code != 4403 || errors.Is(err, io.EOF) {
				t.Errorf("ended by %v", err)
			}
			break
		}
		seen.Write(m.Data)
	}
	if !strings.Contains(seen.String(), `"before"`) {
		t.Errorf("what came before the revocation is missing: %s", seen.String())
	}
	must(t, bystander.Ping(t.Context()))
	again, err := s.dial(t, s.tokens["coordinator"]) // still an account, of no role
	must(t, err)
	must(t, again.Ping(t.Context()))
}
