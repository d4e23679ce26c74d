package account_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/usecase"
)

// pocket is a phone that keeps what comes to it.
type pocket struct {
	got chan account.Message
	err error
}

func (p *pocket) Send(_ context.Context, m account.Message) error {
	p.got <- m
	return p.err
}

// quietLog is for what says nothing worth reading.
var quietLog = slog.New(slog.NewTextHandler(io.Discard, nil))

const mine = "13800138000"

// withPhones is a room whose codes come to a pocket.
func withPhones(t *testing.T, settings ...func(*room, *account.Config)) (*room, *pocket) {
	t.Helper()
	p := &pocket{got: make(chan account.Message, 64)}
	r := open(t, append([]func(*room, *account.Config){func(_ *room, c *account.Config) {
		c.Sender = p
		loose := account.Pace{Burst: 1000, Every: time.Millisecond}
		c.ToPhone, c.ToPhones, c.ForAddress, c.ByName = loose, loose, loose, loose
	}}, settings...)...)
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { r.Deliver(ctx, quietLog) })
	t.Cleanup(func() { stop(); running.Wait() })
	return r, p
}

// own makes a phone an account's own.
func (r *room) own(t *testing.T, p *pocket, a access.Actor, phone string) {
	t.Helper()
	_, err := r.PhoneSet(r.ctx, a, account.PhoneSet{Phone: phone})
	must(t, err)
	_, err = r.PhoneConfirm(r.ctx, a, account.PhoneConfirm{Code: (<-p.got).Code})
	must(t, err)
}

func TestAPhoneSignsInWithItsCodeOnce(t *testing.T) {
	t.Parallel()
	r, p := withPhones(t)
	lifang := r.account(t, "lifang", "", "")
	a, _ := r.actor(t, "lifang")
	r.own(t, p, a, "138 0013-8000")
	sent, err := r.PhoneCodeRequest(r.ctx, account.PhoneCodeRequest{Phone: "+86 １３８００１３８０００"})
	must(t, err)
	m := <-p.got
	if m.Phone != "+8613800138000" || len(m.Code) != 6 || m.Valid != 5*time.Minute || m.Locale != "zh" || sent.ExpiresAt.Sub(r.Core.Time()) != m.Valid {
		t.Fatalf("sent %+v", m)
	}
	_, viewer, err := r.PhoneSignIn(r.ctx, account.PhoneSignIn{Phone: mine, Code: m.Code[:3] + " " + m.Code[3:]})
	must(t, err)
	if viewer.Account.ID != lifang.ID {
		t.Fatalf("signed in as %s", viewer.Account.ID)
	}
	_, _, err = r.PhoneSignIn(r.ctx, account.PhoneSignIn{Phone: mine, Code: m.Code})
	want(t, err, fault.CodeSignInFailed)
	page, err := r.Attempts(r.ctx, a, usecase.Paging{})
	must(t, err)
	if len(page.Rows) != 3 || page.Rows[1].Method != account.ByPhone {
		t.Fatalf("tries %+v", page.Rows)
	}
	// A later code ends the earlier one, and none lives longer than its time.
	codes := make([]string, 2)
	for i := range codes {
		_, err = r.PhoneCodeRequest(r.ctx, account.PhoneCodeRequest{Phone: mine})
		must(t, err)
		codes[i] = (<-p.got).Code
	}
	if codes[0] != codes[1] {
		_, _, err = r.PhoneSignIn(r.ctx, account.PhoneSignIn{Phone: mine, Code: codes[0]})
		want(t, err, fault.CodeSignInFailed)
	}
	r.Clock.Advance(5 * time.Minute)
	_, _, err = r.PhoneSignIn(r.ctx, account.PhoneSignIn{Phone: mine, Code: codes[1]})
	want(t, err, fault.CodeSignInFailed)
}

func TestFiveWrongGuessesEndACodeEvenAtOnce(t *testing.T) {
	t.Parallel()
	r, p := withPhones(t)
	r.account(t, "lifang", "", "")
	a, _ := r.actor(t, "lifang")
	r.own(t, p, a, mine)
	_, err := r.PhoneCodeRequest(r.ctx, account.PhoneCodeRequest{Phone: mine})
	must(t, err)
	code := (<-p.got).Code
	wrong := "000000"
	if code == wrong {
		wrong = "000001"
	}
	var group sync.WaitGroup
	for range 5 {
		group.Go(func() {
			if _, _, err := r.PhoneSignIn(r.ctx, account.PhoneSignIn{Phone: mine, Code: wrong}); fault.CodeOf(err) != fault.CodeSignInFailed {
				t.Error(err)
			}
		})
	}
	group.Wait()
	_, _, err = r.PhoneSignIn(r.ctx, account.PhoneSignIn{Phone: mine, Code: code})
	want(t, err, fault.CodeSignInFailed)
}

func TestOfManyRightGuessesAtOnceOneSignsIn(t *testing.T) {
	t.Parallel()
	r, p := withPhones(t)
	r.account(t, "lifang", "", "")
	a, _ := r.actor(t, "lifang")
	r.own(t, p, a, mine)
	_, err := r.PhoneCodeRequest(r.ctx, account.PhoneCodeRequest{Phone: mine})
	must(t, err)
	code := (<-p.got).Code
	errs := make(chan error, 8)
	for range cap(errs) {
		go func() {
			_, _, err := r.PhoneSignIn(r.ctx, account.PhoneSignIn{Phone: mine, Code: code})
			errs <- err
		}()
	}
	won := 0
	for range cap(errs) {
		switch err := <-errs; fault.CodeOf(err) {
		case fault.CodeSignInFailed, fault.CodeOneTimeCode:
		default:
			must(t, err)
			won++
		}
	}
	if won != 1 {
		t.Fatalf("%d signed in", won)
	}
}

func TestAskingForACodeTellsNothing(t *testing.T) {
	t.Parallel()
	r, p := withPhones(t)
	r.account(t, "lifang", "", "")
	a, _ := r.actor(t, "lifang")
	r.own(t, p, a, mine)
	known, err := r.PhoneCodeRequest(r.ctx, account.PhoneCodeRequest{Phone: mine})
	must(t, err)
	unknown, err := r.PhoneCodeRequest(r.ctx, account.PhoneCodeRequest{Phone: "13900139000"})
	must(t, err)
	if *known != *unknown {
		t.Fatalf("%+v and %+v", known, unknown)
	}
	if m := <-p.got; m.Phone != "+8613800138000" {
		t.Fatal("the wrong phone rang")
	}
	_, _, one := r.PhoneSignIn(r.ctx, account.PhoneSignIn{Phone: mine, Code: "x"})
	_, _, two := r.PhoneSignIn(r.ctx, account.PhoneSignIn{Phone: "13900139000", Code: "x"})
	want(t, one, fault.CodeSignInFailed)
	if one.Error() != two.Error() {
		t.Fatalf("%v and %v", one, two)
	}
	// Not even to who wants it as their own, until they prove it.
	r.account(t, "wangfang", "", "")
	b, _ := r.actor(t, "wangfang")
	_, err = r.PhoneSet(r.ctx, b, account.PhoneSet{Phone: mine})
	must(t, err)
	_, err = r.PhoneConfirm(r.ctx, b, account.PhoneConfirm{Code: "12345"})
	want(t, err, fault.CodeOneTimeCode)
	_, err = r.PhoneConfirm(r.ctx, b, account.PhoneConfirm{Code: (<-p.got).Code})
	want(t, err, fault.CodeDuplicate)
	for _, bad := range []string{"", "138", "1380013800", "23800138000", "+8612800138000", "+86138001380001234", "words", strings.Repeat("1", 5000)} {
		_, err := r.PhoneCodeRequest(r.ctx, account.PhoneCodeRequest{Phone: bad})
		want(t, err, fault.CodeInvalid)
	}
}

func TestCodesArePacedByPhoneByAddressAndInAll(t *testing.T) {
	t.Parallel()
	pace := account.Pace{Burst: 2, Every: time.Minute}
	ask := func(r *room, address, phone string) error {
		_, err := r.PhoneCodeRequest(account.WithAddress(r.ctx, address), account.PhoneCodeRequest{Phone: phone})
		return err
	}
	for name, c := range map[string]struct {
		set   func(*account.Config)
		third func(*room) error
	}{
		"phone":   {func(c *account.Config) { c.ToPhone = pace }, func(r *room) error { return ask(r, "192.0.2.3", mine) }},
		"address": {func(c *account.Config) { c.ForAddress = pace }, func(r *room) error { return ask(r, "192.0.2.1", "13800138003") }},
		"in all":  {func(c *account.Config) { c.ToPhones = pace }, func(r *room) error { return ask(r, "192.0.2.3", "13800138003") }},
	} {
		r, _ := withPhones(t, func(_ *room, config *account.Config) { c.set(config) })
		must(t, ask(r, "192.0.2.1", mine))
		must(t, ask(r, "192.0.2.1", mine))
		if err := c.third(r); fault.CodeOf(err) != fault.CodeRateLimited {
			t.Errorf("%s: %v", name, err)
		}
		r.Clock.Advance(time.Minute)
		must(t, c.third(r))
	}
}

func TestAnOldSessionChangesNoPhone(t *testing.T) {
	t.Parallel()
	r, p := withPhones(t)
	r.account(t, "lifang", "", "")
	a, _ := r.actor(t, "lifang")
	r.own(t, p, a, mine)
	r.Clock.Advance(11 * time.Minute)
	_, err := r.PhoneSet(r.ctx, a, account.PhoneSet{Phone: "13900139000"})
	want(t, err, fault.CodeSignInAgain)
	want(t, r.PhoneRemove(r.ctx, a, account.PhoneRemove{}), fault.CodeSignInAgain)
	_, err = r.RecoveryCodesPrint(r.ctx, a, account.RecoveryCodesPrint{})
	want(t, err, fault.CodeSignInAgain)
	b, _ := r.actor(t, "lifang")
	shown, err := r.Phone(r.ctx, b)
	must(t, err)
	if *shown != "+86138****00" {
		t.Fatalf("shown as %q", *shown)
	}
	must(t, r.PhoneRemove(r.ctx, b, account.PhoneRemove{}))
	if shown, err = r.Phone(r.ctx, b); err != nil || shown != nil {
		t.Fatalf("%v %v", shown, err)
	}
	_, err = r.PhoneSet(r.ctx, access.Nobody(), account.PhoneSet{Phone: mine})
	want(t, err, fault.CodeUnauthenticated)
}

func TestWithoutASenderThereIsNoSignInByPhone(t *testing.T) {
	t.Parallel()
	r := open(t)
	_, err := r.PhoneCodeRequest(r.ctx, account.PhoneCodeRequest{Phone: mine})
	want(t, err, fault.CodeMethodOff)
	_, _, err = r.PhoneSignIn(r.ctx, account.PhoneSignIn{Phone: mine, Code: "123456"})
	want(t, err, fault.CodeMethodOff)
	r.Deliver(r.ctx, slog.Default()) // returns at once
}

func TestTheDevelopmentSenderMasksThePhone(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	must(t, account.LogSender{Log: slog.New(slog.NewTextHandler(&out, nil))}.Send(t.Context(), account.Message{Phone: "+8613800138000", Code: "042137"}))
	if s := out.String(); !strings.Contains(s, "042137") || strings.Contains(s, "0013") {
		t.Fatal(s)
	}
}

func TestDeliveryEndsWithItsContext(t *testing.T) {
	r := open(t, func(_ *room, c *account.Config) { c.Sender = &pocket{got: make(chan account.Message, 1)} })
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { r.Deliver(ctx, slog.Default()); close(done) }()
	stop()
	<-done
}
