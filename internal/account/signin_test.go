package account_test

import (
	"crypto/ed25519"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/testkit"
)

func TestSignInTellsNothingOfWhyItFailed(t *testing.T) {
	t.Parallel()
	r := open(t)
	admin := r.account(t, "Wang.Fang", access.Admin, division.ID(testkit.City))
	off := r.account(t, "gone", "", "")
	_, _, err := r.Disable(r.ctx, r.System(), account.Disable{AccountID: off.ID, Reason: "OTHER", ExpectedVersion: 1})
	must(t, err)

	session, viewer, err := r.SignIn(r.ctx, account.SignIn{Name: "ｗａｎｇ.FANG", Password: password})
	must(t, err)
	if viewer.Account.ID != admin.ID || len(viewer.Roles) != 1 || viewer.Roles[0] != access.Admin || viewer.Scopes[0].Division.Name != "唐山市" {
		t.Fatalf("viewer %+v", viewer)
	}
	if got := session.AccessExpiresAt.Sub(r.Core.Time()); got != 15*time.Minute {
		t.Fatalf("access token lives %v", got)
	}
	var texts []string
	for _, in := range []account.SignIn{
		{Name: "wang.fang", Password: "wrong"},
		{Name: "nobody", Password: password},
		{Name: "gone", Password: password},
		{Name: "", Password: ""},
		{Name: "\xff", Password: "\xff"},
		{Name: strings.Repeat("x", 10_000), Password: strings.Repeat("x", 10_000)},
	} {
		_, _, err := r.SignIn(r.ctx, in)
		want(t, err, fault.CodeSignInFailed)
		texts = append(texts, err.Error())
	}
	for _, s := range texts {
		if s != texts[0] {
			t.Fatalf("answers differ: %q and %q", s, texts[0])
		}
	}
}

func TestSignInIsPacedByNameAndByAddress(t *testing.T) {
	t.Parallel()
	both(t, signInIsPacedByNameAndByAddress)
}

func signInIsPacedByNameAndByAddress(t *testing.T, r *room) {
	r.account(t, "lifang", "", "")
	ctx := account.WithAddress(r.ctx, "192.0.2.7")
	good := account.SignIn{Name: "lifang", Password: password}
	for range 20 { // what succeeds is not counted
		_, _, err := r.SignIn(ctx, good)
		must(t, err)
	}
	for range 5 {
		_, _, err := r.SignIn(ctx, account.SignIn{Name: "LiFang", Password: "wrong"})
		want(t, err, fault.CodeSignInFailed)
	}
	_, _, err := r.SignIn(ctx, good)
	want(t, err, fault.CodeRateLimited)
	if e, _ := fault.As(err); e.Params["seconds"] != 10 {
		t.Fatalf("params %v", e.Params)
	}
	r.Clock.Advance(10 * time.Second)
	_, _, err = r.SignIn(ctx, good)
	must(t, err)
	// An unknown name is paced as a known one is.
	for range 5 {
		_, _, err := r.SignIn(r.ctx, account.SignIn{Name: "unknown", Password: "wrong"})
		want(t, err, fault.CodeSignInFailed)
	}
	_, _, err = r.SignIn(r.ctx, account.SignIn{Name: "unknown", Password: "wrong"})
	want(t, err, fault.CodeRateLimited)
	// One address that tries many names stops, and locks none of them.
	limited := 0
	for i := range 40 {
		_, _, err := r.SignIn(ctx, account.SignIn{Name: "name" + string(rune('a'+i)), Password: "wrong"})
		if fault.CodeOf(err) == fault.CodeRateLimited {
			limited++
		}
	}
	if limited < 10 {
		t.Fatalf("an address made %d of 40 tries", 40-limited)
	}
	_, _, err = r.SignIn(account.WithAddress(r.ctx, "192.0.2.8"), good)
	must(t, err)
}

func TestForgedAndExpiredTokensAreRefused(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.account(t, "lifang", "", "")
	_, session := r.actor(t, "lifang")
	id, err := r.Identify(session.AccessToken)
	must(t, err)
	parts := strings.Split(session.AccessToken, ".")
	var c jwt.MapClaims
	parsed, _, err := jwt.NewParser().ParseUnverified(session.AccessToken, &c)
	must(t, err)
	for k := range c {
		if k != "sub" && k != "sid" && k != "iat" && k != "exp" && k != "aud" {
			t.Errorf("the token says %q: identity only", k)
		}
	}
	_, foreign, err := ed25519.GenerateKey(nil)
	must(t, err)
	sign := func(m jwt.SigningMethod, key any, change func(jwt.MapClaims)) string {
		claims := jwt.MapClaims{"sub": id.Account, "sid": id.Session, "aud": "linkage", "exp": r.Core.Time().Add(hour).Unix()}
		if change != nil {
			change(claims)
		}
		tok := jwt.NewWithClaims(m, claims)
		tok.Header["kid"] = parsed.Header["kid"]
		s, err := tok.SignedString(key)
		must(t, err)
		return s
	}
	for name, token := range map[string]string{
		"empty": "", "words": "not a token", "long": strings.Repeat("a.", 5000),
		"no signature": parts[0] + "." + parts[1] + ".", "swapped": parts[1] + "." + parts[0] + "." + parts[2],
		"altered":     parts[0] + "." + parts[1][:len(parts[1])-2] + "AA." + parts[2],
		"none":        sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil),
		"foreign key": sign(jwt.SigningMethodEdDSA, foreign, nil),
		"hmac":        sign(jwt.SigningMethodHS256, []byte("guess"), nil),
	} {
		_, err := r.Identify(token)
		if fault.CodeOf(err) != fault.CodeUnauthenticated {
			t.Errorf("%s: %v", name, err)
		}
	}
	r.Clock.Advance(15*time.Minute - time.Second)
	_, _, err = r.ActorOf(r.ctx, session.AccessToken)
	must(t, err)
	r.Clock.Advance(time.Second)
	_, _, err = r.ActorOf(r.ctx, session.AccessToken)
	want(t, err, fault.CodeTokenExpired)
}

func TestKeysSurviveAndOlderTokensVerify(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.account(t, "lifang", "", "")
	_, session := r.actor(t, "lifang")
	one, err := r.Service.Open(r.ctx)
	must(t, err)
	two, err := r.Service.Open(r.ctx)
	must(t, err)
	if string(one) != string(two) || len(one) != 32 {
		t.Fatal("the sealing key changed or is short")
	}
	_, err = r.Identify(session.AccessToken)
	must(t, err)
}

func TestRefreshRotatesAndReuseEndsTheSession(t *testing.T) {
	t.Parallel()
	both(t, refreshRotatesAndReuseEndsTheSession)
}

func refreshRotatesAndReuseEndsTheSession(t *testing.T, r *room) {
	r.account(t, "lifang", "", "")
	a, first := r.actor(t, "lifang")
	_, other := r.actor(t, "lifang")
	second, err := r.TokenRefresh(r.ctx, account.TokenRefresh{RefreshToken: first.RefreshToken})
	must(t, err)
	third, err := r.TokenRefresh(r.ctx, account.TokenRefresh{RefreshToken: second.RefreshToken})
	must(t, err)
	b, _, err := r.ActorOf(r.ctx, third.AccessToken)
	must(t, err)
	if a.Session != b.Session || a.ID != b.ID {
		t.Fatal("a refresh must keep account and session")
	}
	at := r.end(t)
	// However many rotations lie between, a used token ends the family.
	_, err = r.TokenRefresh(r.ctx, account.TokenRefresh{RefreshToken: first.RefreshToken})
	want(t, err, fault.CodeSessionEnded)
	_, err = r.TokenRefresh(r.ctx, account.TokenRefresh{RefreshToken: third.RefreshToken})
	want(t, err, fault.CodeSessionEnded)
	_, _, err = r.ActorOf(r.ctx, third.AccessToken)
	want(t, err, fault.CodeSessionEnded)
	entries := r.entries(t, at)
	if len(entries) != 1 || entries[0].Kind != "session.ended" || entries[0].Reason != "REUSED" {
		t.Fatalf("log %+v", entries)
	}
	ev, ok, err := r.EventOf(entries[0])
	must(t, err)
	if !ok || ev.Session != a.Session || ev.Account != a.ID {
		t.Fatalf("event %+v", ev)
	}
	_, _, err = r.ActorOf(r.ctx, other.AccessToken) // another sign-in goes on
	must(t, err)
}

func TestForgedRefreshTokensDoNothing(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.account(t, "lifang", "", "")
	_, s := r.actor(t, "lifang")
	parts := strings.Split(s.RefreshToken, ".")
	_, o := r.actor(t, "lifang")
	foreign := strings.Split(o.RefreshToken, ".")
	for _, token := range []string{
		"", "x", ".", "..", parts[0], parts[0] + ".." + parts[2], parts[0] + "." + foreign[1] + "." + parts[2],
		"ses_ts." + parts[1] + "." + parts[2], strings.ToUpper(s.RefreshToken), strings.Repeat("a", 1<<20),
		"acc_" + parts[0][4:] + "." + parts[1] + "." + parts[2],
	} {
		_, err := r.TokenRefresh(r.ctx, account.TokenRefresh{RefreshToken: token})
		want(t, err, fault.CodeUnauthenticated)
	}
	_, err := r.TokenRefresh(r.ctx, account.TokenRefresh{RefreshToken: s.RefreshToken})
	must(t, err)
	r.Clock.Advance(31 * 24 * hour)
	_, err = r.TokenRefresh(r.ctx, account.TokenRefresh{RefreshToken: o.RefreshToken})
	want(t, err, fault.CodeSessionEnded)
}

func TestSignOutEndsOneOrAll(t *testing.T) {
	t.Parallel()
	both(t, signOutEndsOneOrAll)
}

func signOutEndsOneOrAll(t *testing.T, r *room) {
	r.account(t, "lifang", "", "")
	a, s := r.actor(t, "lifang")
	b, _ := r.actor(t, "lifang")
	_, third := r.actor(t, "lifang")
	n, err := r.SignOut(r.ctx, a, account.SignOut{})
	must(t, err)
	again, err := r.SignOut(r.ctx, a, account.SignOut{})
	must(t, err)
	if n != 1 || again != 0 {
		t.Fatalf("ended %d, then %d", n, again)
	}
	_, _, err = r.ActorOf(r.ctx, s.AccessToken)
	want(t, err, fault.CodeSessionEnded)
	_, err = r.TokenRefresh(r.ctx, account.TokenRefresh{RefreshToken: s.RefreshToken})
	want(t, err, fault.CodeSessionEnded)
	if n, err = r.SignOut(r.ctx, b, account.SignOut{Everywhere: true}); err != nil || n != 2 {
		t.Fatalf("everywhere ended %d: %v", n, err)
	}
	_, _, err = r.ActorOf(r.ctx, third.AccessToken)
	want(t, err, fault.CodeSessionEnded)
	_, err = r.SignOut(r.ctx, access.Nobody(), account.SignOut{})
	want(t, err, fault.CodeUnauthenticated)
}

func TestPasswordChangeEndsOtherSessions(t *testing.T) {
	t.Parallel()
	both(t, passwordChangeEndsOtherSessions)
}

func passwordChangeEndsOtherSessions(t *testing.T, r *room) {
	r.account(t, "lifang", "", "")
	a, mine := r.actor(t, "lifang")
	_, other := r.actor(t, "lifang")
	_, _, err := r.PasswordChange(r.ctx, a, account.PasswordChange{CurrentPassword: "wrong", NewPassword: "a quite new one"})
	want(t, err, fault.CodeSignInFailed)
	_, _, err = r.PasswordChange(r.ctx, a, account.PasswordChange{CurrentPassword: password, NewPassword: "1234567890"})
	want(t, err, fault.CodePasswordWeak)
	_, _, err = r.PasswordChange(r.ctx, a, account.PasswordChange{CurrentPassword: password, NewPassword: "a quite new one"})
	must(t, err)
	_, _, err = r.ActorOf(r.ctx, mine.AccessToken)
	must(t, err)
	_, _, err = r.ActorOf(r.ctx, other.AccessToken)
	want(t, err, fault.CodeSessionEnded)
	_, _, err = r.SignIn(r.ctx, account.SignIn{Name: "lifang", Password: password})
	want(t, err, fault.CodeSignInFailed)
	_, _, err = r.SignIn(r.ctx, account.SignIn{Name: "lifang", Password: "a quite new one"})
	must(t, err)
}

func TestOfTwoRefreshesAtOnceOneWins(t *testing.T) {
	t.Parallel()
	both(t, ofTwoRefreshesAtOnceOneWins)
}

func ofTwoRefreshesAtOnceOneWins(t *testing.T, r *room) {
	r.account(t, "lifang", "", "")
	_, s := r.actor(t, "lifang")
	errs := make(chan error, 8)
	for range cap(errs) {
		go func() {
			_, err := r.TokenRefresh(r.ctx, account.TokenRefresh{RefreshToken: s.RefreshToken})
			errs <- err
		}()
	}
	won := 0
	for range cap(errs) {
		if err := <-errs; err == nil {
			won++
		} else {
			want(t, err, fault.CodeSessionEnded)
		}
	}
	if won != 1 {
		t.Fatalf("%d won", won)
	}
}
