package account_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/account/oidc"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/internal/testkit/issuer"
	"github.com/fivesociety/linkage/internal/usecase"
)

const verifier = "what only the app knows"

// around is a room with an issuer; its policy is set by the caller.
func around(t *testing.T, policy oidc.Policy) (*room, *issuer.Issuer) {
	t.Helper()
	var i *issuer.Issuer
	r := open(t, func(r *room, c *account.Config) {
		i = issuer.New(t, r.Clock.Now)
		c.Issuers = []oidc.Config{{
			Name: "city", Issuer: i.URL, ClientID: issuer.ClientID, ClientSecret: issuer.Secret, Linking: policy,
			RedirectURL: "http://board.example/auth/oidc/city/callback", AppURL: "https://app.example/in",
		}}
		c.ByAddress = account.Pace{Burst: 1000, Every: time.Second}
	})
	return r, i
}

func hashed(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// walk is a browser at the issuer: what comes back to us, with the cookie.
func (r *room) walk(t *testing.T) (cookie string, back url.Values) {
	t.Helper()
	step, err := r.IssuerStart(r.ctx, "city", hashed(verifier))
	must(t, err)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, step.To, nil)
	must(t, err)
	resp, err := http.DefaultTransport.RoundTrip(req)
	must(t, err)
	must(t, resp.Body.Close())
	to, err := url.Parse(resp.Header.Get("Location"))
	must(t, err)
	return step.Cookie, to.Query()
}

// code walks the whole way to the app.
func (r *room) code(t *testing.T) string {
	t.Helper()
	cookie, back := r.walk(t)
	step, err := r.IssuerFinish(r.ctx, "city", cookie, back)
	must(t, err)
	code, ok := strings.CutPrefix(step.To, "https://app.example/in#code=")
	if !ok || step.Cookie != "" {
		t.Fatalf("step %+v", step)
	}
	return code
}

func (r *room) governor(t *testing.T) access.Actor {
	t.Helper()
	r.account(t, "governor", access.Admin, division.ID(testkit.City))
	a, _ := r.actor(t, "governor")
	return a
}

func TestASubjectThatIsLinkedSignsIn(t *testing.T) {
	t.Parallel()
	r, i := around(t, "")
	admin := r.governor(t)
	lifang := r.account(t, "lifang", access.Coordinator, r.Station)
	code := r.code(t)
	_, _, err := r.SignInWithCode(r.ctx, account.SignInWithCode{Code: code, Verifier: verifier})
	want(t, err, fault.CodeIdentityUnlinked)
	if e, _ := fault.As(err); e.Params["policy"] != "REFUSE_UNKNOWN" {
		t.Fatalf("params %v", e.Params)
	}
	at := r.end(t)
	link, err := r.IdentityLink(r.ctx, admin, account.IdentityLink{AccountID: lifang.ID, Provider: "city", Subject: "subject-1"})
	must(t, err)
	if entries := r.entries(t, at); len(entries) != 1 || entries[0].Kind != "identity.linked" || entries[0].Actor != admin.ID || strings.Contains(string(entries[0].Body), "subject-1") {
		t.Fatalf("log %+v", entries)
	}
	// The same code does now, once, and with its verifier only.
	_, _, err = r.SignInWithCode(r.ctx, account.SignInWithCode{Code: code, Verifier: "another"})
	want(t, err, fault.CodeSignInFailed)
	session, viewer, err := r.SignInWithCode(r.ctx, account.SignInWithCode{Code: code, Verifier: verifier})
	must(t, err)
	if viewer.Account.ID != lifang.ID {
		t.Fatalf("signed in as %s", viewer.Account.ID)
	}
	_, _, err = r.SignInWithCode(r.ctx, account.SignInWithCode{Code: code, Verifier: verifier})
	want(t, err, fault.CodeSignInFailed)
	a, _, err := r.ActorOf(r.ctx, session.AccessToken)
	must(t, err)
	page, err := r.Attempts(r.ctx, a, usecase.Paging{})
	must(t, err)
	if len(page.Rows) != 1 || page.Rows[0].Method != account.ByIssuer || !page.Rows[0].Succeeded {
		t.Fatalf("tries %+v", page.Rows)
	}
	// Another subject is another person, whatever it is called.
	i.Be("subject-2")
	_, _, err = r.SignInWithCode(r.ctx, account.SignInWithCode{Code: r.code(t), Verifier: verifier})
	want(t, err, fault.CodeIdentityUnlinked)
	// One subject, one account.
	other := r.account(t, "wangfang", "", "")
	_, err = r.IdentityLink(r.ctx, r.System(), account.IdentityLink{AccountID: other.ID, Provider: "city", Subject: "subject-1"})
	want(t, err, fault.CodeDuplicate)
	// Taking the link away ends what it opened.
	_, err = r.IdentityUnlink(r.ctx, admin, account.IdentityUnlink{IdentityID: link.ID})
	must(t, err)
	_, _, err = r.ActorOf(r.ctx, session.AccessToken)
	want(t, err, fault.CodeSessionEnded)
	i.Be("subject-1")
	_, _, err = r.SignInWithCode(r.ctx, account.SignInWithCode{Code: r.code(t), Verifier: verifier})
	want(t, err, fault.CodeIdentityUnlinked)
}

func TestAnInvitationLinksOnce(t *testing.T) {
	t.Parallel()
	r, i := around(t, oidc.LinkByInvite)
	admin := r.governor(t)
	lifang := r.account(t, "lifang", access.Coordinator, r.Station)
	first, err := r.IdentityInvite(r.ctx, admin, account.IdentityInvite{AccountID: lifang.ID})
	must(t, err)
	second, err := r.IdentityInvite(r.ctx, admin, account.IdentityInvite{AccountID: lifang.ID})
	must(t, err)
	code := r.code(t)
	for _, invitation := range []string{first.Secret, "", "AAAAA-AAAAA-AAAAA-AAAAA"} {
		_, _, err = r.SignInWithCode(r.ctx, account.SignInWithCode{Code: code, Verifier: verifier, Invitation: &invitation})
		want(t, err, fault.CodeOneTimeCode)
	}
	sloppy := " " + strings.ToLower(strings.ReplaceAll(second.Secret, "-", " ")) + " "
	_, viewer, err := r.SignInWithCode(r.ctx, account.SignInWithCode{Code: code, Verifier: verifier, Invitation: &sloppy})
	must(t, err)
	if viewer.Account.ID != lifang.ID {
		t.Fatalf("signed in as %s", viewer.Account.ID)
	}
	_, viewer, err = r.SignInWithCode(r.ctx, account.SignInWithCode{Code: r.code(t), Verifier: verifier})
	must(t, err)
	if viewer.Account.ID != lifang.ID {
		t.Fatalf("signed in as %s", viewer.Account.ID)
	}
	i.Be("subject-2")
	_, _, err = r.SignInWithCode(r.ctx, account.SignInWithCode{Code: r.code(t), Verifier: verifier, Invitation: &second.Secret})
	want(t, err, fault.CodeOneTimeCode)
	third, err := r.IdentityInvite(r.ctx, admin, account.IdentityInvite{AccountID: lifang.ID})
	must(t, err)
	code = r.code(t)
	r.Clock.Advance(4 * time.Minute)
	_, _, err = r.SignInWithCode(r.ctx, account.SignInWithCode{Code: code, Verifier: verifier, Invitation: &third.Secret})
	must(t, err)
	i.Be("subject-3")
	code = r.code(t)
	r.Clock.Advance(5 * time.Minute)
	_, _, err = r.SignInWithCode(r.ctx, account.SignInWithCode{Code: code, Verifier: verifier})
	want(t, err, fault.CodeSignInFailed)
}

func TestABrowserThatDidNotBeginIsSentBackWithNothing(t *testing.T) {
	t.Parallel()
	r, i := around(t, "")
	cookie, back := r.walk(t)
	otherCookie, otherBack := r.walk(t)
	with := func(q url.Values, name, value string) url.Values {
		out := url.Values{}
		for k, v := range q {
			out[k] = v
		}
		out.Set(name, value)
		return out
	}
	for name, try := range map[string]struct {
		cookie string
		query  url.Values
	}{
		"no cookie":                {"", back},
		"a cookie of another":      {otherCookie, back},
		"a cookie of ours altered": {cookie[:len(cookie)-4] + "AAAA", back},
		"no state":                 {cookie, with(back, "state", "")},
		"another state":            {cookie, with(back, "state", otherBack.Get("state"))},
		"another issuer":           {cookie, with(back, "iss", "https://issuer.example")},
		"a code of another":        {cookie, with(back, "code", otherBack.Get("code"))}, // PKCE: begun by another browser
	} {
		step, err := r.IssuerFinish(r.ctx, "city", try.cookie, try.query)
		want(t, err, fault.CodeIDTokenInvalid)
		if step.To != "https://app.example/in#error=ID_TOKEN_INVALID" || step.Cookie != "" {
			t.Errorf("%s: %+v", name, step)
		}
	}
	step, err := r.IssuerFinish(r.ctx, "city", cookie, url.Values{"state": back["state"], "error": {"access_denied"}})
	want(t, err, fault.CodeSignInFailed)
	if !strings.HasSuffix(step.To, "#error=SIGN_IN_FAILED") {
		t.Errorf("%+v", step)
	}
	_, err = r.IssuerFinish(r.ctx, "city", cookie, back)
	must(t, err)
	_, err = r.IssuerFinish(r.ctx, "city", cookie, back) // the same way twice
	want(t, err, fault.CodeIDTokenInvalid)
	cookie, back = r.walk(t)
	r.Clock.Advance(account.RoundFor)
	_, err = r.IssuerFinish(r.ctx, "city", cookie, back)
	want(t, err, fault.CodeIDTokenInvalid)
	for _, challenge := range []string{"", "short", strings.Repeat("=", 43), hashed("x") + "A"} {
		step, err := r.IssuerStart(r.ctx, "city", challenge)
		want(t, err, fault.CodeInvalid)
		if step.Cookie != "" || !strings.HasSuffix(step.To, "#error=INVALID") {
			t.Errorf("%+v", step)
		}
	}
	step, err = r.IssuerStart(r.ctx, "nowhere", hashed("x"))
	want(t, err, fault.CodeMethodOff)
	if step.To != "" {
		t.Errorf("%+v", step)
	}
	// An issuer that is away does not keep anybody from another way.
	i.Override(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	r.Clock.Advance(time.Hour)
	_, err = r.IssuerStart(r.ctx, "city", hashed("x"))
	want(t, err, fault.CodeIssuerUnavailable)
	if m := r.Methods(); m.Providers[0].Available || !m.Password {
		t.Errorf("methods %+v", m)
	}
	r.account(t, "lifang", "", "")
	r.actor(t, "lifang")
}

func TestAnAppSignsInWithItsOwnToken(t *testing.T) {
	t.Parallel()
	r, i := around(t, "")
	lifang := r.account(t, "lifang", "", "")
	_, err := r.IdentityLink(r.ctx, r.System(), account.IdentityLink{AccountID: lifang.ID, Provider: "city", Subject: "subject-1"})
	must(t, err)
	token := func(nonce string) string { return i.Sign(i.Claims("subject-1", hashed(nonce))) }
	in := account.SignInWithIDToken{Provider: "city", IDToken: token("n1"), Nonce: "n1"}
	_, viewer, err := r.SignInWithIDToken(r.ctx, in)
	must(t, err)
	if viewer.Account.ID != lifang.ID {
		t.Fatalf("signed in as %s", viewer.Account.ID)
	}
	for name, in := range map[string]account.SignInWithIDToken{
		"the same again":                {Provider: "city", IDToken: in.IDToken, Nonce: "n1"},
		"another token, the same nonce": {Provider: "city", IDToken: token("n1"), Nonce: "n1"},
		"the hash for the nonce":        {Provider: "city", IDToken: token("n2"), Nonce: hashed("n2")},
		"no nonce":                      {Provider: "city", IDToken: token("n2")},
		"no token":                      {Provider: "city", Nonce: "n2"},
	} {
		if _, _, err := r.SignInWithIDToken(r.ctx, in); fault.CodeOf(err) != fault.CodeIDTokenInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A spent nonce is kept for as long as any token with it could be fresh.
	r.Clock.Advance(oidc.Fresh + 2*oidc.Leeway)
	_, err = r.Tidy(r.ctx)
	must(t, err)
	_, _, err = r.SignInWithIDToken(r.ctx, in)
	want(t, err, fault.CodeIDTokenInvalid)
	_, _, err = r.SignInWithIDToken(r.ctx, account.SignInWithIDToken{Provider: "nowhere", IDToken: token("n3"), Nonce: "n3"})
	want(t, err, fault.CodeMethodOff)
	v, err := r.Load(r.ctx, lifang.ID)
	must(t, err)
	_, _, err = r.Disable(r.ctx, r.System(), account.Disable{AccountID: lifang.ID, Reason: "OTHER", ExpectedVersion: v.Version})
	must(t, err)
	_, _, err = r.SignInWithIDToken(r.ctx, account.SignInWithIDToken{Provider: "city", IDToken: token("n3"), Nonce: "n3"})
	want(t, err, fault.CodeSignInFailed)
}

func TestOnlyWhoGovernsAnAccountLinksRecoversAndInvites(t *testing.T) {
	t.Parallel()
	r, _ := around(t, oidc.LinkByInvite)
	admin := r.governor(t)
	r.account(t, "county", access.Admin, division.ID(testkit.Lubei))
	county, _ := r.actor(t, "county")
	ours := r.account(t, "lifang", access.Coordinator, r.Station)
	above := r.account(t, "province", access.Coordinator, r.Station)
	_, _, err := r.RoleGrant(r.ctx, r.System(), account.RoleGrant{AccountID: above.ID, Role: access.Admin, ScopeID: division.ID("13")})
	must(t, err)
	reader, _ := r.actor(t, "lifang")
	verbs := map[string]func(access.Actor, string) error{
		"link": func(a access.Actor, id string) error {
			_, err := r.IdentityLink(r.ctx, a, account.IdentityLink{AccountID: id, Provider: "city", Subject: "s-" + a.ID + id})
			return err
		},
		"invite": func(a access.Actor, id string) error {
			_, err := r.IdentityInvite(r.ctx, a, account.IdentityInvite{AccountID: id})
			return err
		},
		"recover": func(a access.Actor, id string) error {
			_, err := r.RecoveryIssue(r.ctx, a, account.RecoveryIssue{AccountID: id})
			return err
		},
	}
	for name, try := range verbs {
		must(t, try(admin, ours.ID))
		for _, c := range []struct {
			a    access.Actor
			id   string
			code fault.Code
		}{
			{access.Nobody(), ours.ID, fault.CodeUnauthenticated},
			{reader, ours.ID, fault.CodeForbidden},
			{admin, admin.ID, fault.CodeForbidden}, // nobody for themselves
			{county, ours.ID, fault.CodeNotFound},  // of another county
			{admin, above.ID, fault.CodeForbidden}, // of more than one's own area
			{admin, "acc_ts00000000000000000000000000", fault.CodeNotFound},
			{admin, "nonsense", fault.CodeIDInvalid},
		} {
			if err := try(c.a, c.id); fault.CodeOf(err) != c.code {
				t.Errorf("%s: %v, want %s", name, err, c.code)
			}
		}
	}
}

func TestAConfiguredProviderMustBeRight(t *testing.T) {
	t.Parallel()
	good := oidc.Config{Name: "a", Issuer: "https://i.example", ClientID: "x", RedirectURL: "https://b.example/cb", AppURL: "https://b.example/"}
	for name, c := range map[string]account.Config{
		"twice":            {Issuers: []oidc.Config{good, good}},
		"in the clear":     {Production: true, Issuers: []oidc.Config{{Name: "a", Issuer: "http://i.example", ClientID: "x", RedirectURL: good.RedirectURL, AppURL: good.AppURL}}},
		"codes in the log": {Production: true, Sender: account.LogSender{}},
	} {
		var err error
		testkit.Open(t, func(w *testkit.World) { _, err = account.New(w.Core, c, w.Divisions, nil) })
		if fault.CodeOf(err) != fault.CodeConfiguration {
			t.Errorf("%s: %v", name, err)
		}
	}
}
