package account_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/seal"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/store/sqlite"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/internal/usecase"
)

// watched writes down what the store is asked for: how often, how many, and what
// is written, but not whose.
type watched struct {
	store.Adapter
	mu  sync.Mutex
	did []string
}

func (w *watched) note(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.did = append(w.did, fmt.Sprintf(format, args...))
}

func (w *watched) Get(ctx context.Context, noun string, ids []string) ([]store.Record, error) {
	w.note("get %s %d", noun, len(ids))
	return w.Adapter.Get(ctx, noun, ids)
}

func (w *watched) Find(ctx context.Context, scan store.Scan) ([]store.Record, error) {
	w.note("find %s", scan.Noun.Name)
	return w.Adapter.Find(ctx, scan)
}

func (w *watched) Commit(ctx context.Context, b *store.Batch) error {
	for _, set := range b.Sets {
		nouns := make([]string, len(set.Writes))
		for i, x := range set.Writes {
			nouns[i] = fmt.Sprintf("%s/%d", x.Key.Noun, x.Change)
		}
		slices.Sort(nouns)
		w.note("commit %s", strings.Join(nouns, " "))
	}
	return w.Adapter.Commit(ctx, b)
}

// work is what the store was asked for while f ran.
func (w *watched) work(f func()) string {
	w.mu.Lock()
	w.did = nil
	w.mu.Unlock()
	f()
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Join(w.did, "; ")
}

// What is asked for an account that there is costs the store the same as for one that
// there is not. It is counted, not timed: a clock would measure the machine.
func TestTheWorkTellsNobodyWhetherAnAccountExists(t *testing.T) {
	t.Parallel()
	ctx, now := context.Background(), clock.NewManual(testkit.Start)
	w := &watched{Adapter: sqlite.New(sqlite.Config{Path: filepath.Join(t.TempDir(), "x.db")})}
	db := store.New(w, store.Options{Now: now.Now})
	box, err := seal.New(make([]byte, seal.KeySize))
	must(t, err)
	core := &usecase.Core{DB: db, Once: store.NewOnce(db), Box: box, Now: now.Now}
	p, loose := &pocket{got: make(chan account.Message, 64)}, account.Pace{Burst: 1000, Every: time.Second}
	s, err := account.New(core, account.Config{
		Hash:   argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32},
		Sender: p, ToPhone: loose, ToPhones: loose, ForAddress: loose, ByName: loose,
	}, division.New(core), nil)
	must(t, err)
	must(t, db.Start(ctx))
	t.Cleanup(func() { must(t, db.Close()) })
	_, err = s.Open(ctx)
	must(t, err)
	sys, phones := access.System("test"), map[string]string{"known": mine, "disabled": "13800138001", "unknown": "13800138002"}
	deliver, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() { s.Deliver(deliver, quietLog) })
	t.Cleanup(func() { stop(); running.Wait() })
	for _, name := range []string{"known", "disabled"} {
		v, _, err := s.Create(ctx, sys, account.Create{Name: name, DisplayName: name, Password: password})
		must(t, err)
		session, err := s.OpenSession(ctx, v.ID)
		must(t, err)
		a, _, err := s.ActorOf(ctx, session.AccessToken)
		must(t, err)
		_, err = s.PhoneSet(ctx, a, account.PhoneSet{Phone: phones[name]})
		must(t, err)
		_, err = s.PhoneConfirm(ctx, a, account.PhoneConfirm{Code: (<-p.got).Code})
		must(t, err)
		if name == "disabled" {
			row, err := s.Load(ctx, v.ID)
			must(t, err)
			_, _, err = s.Disable(ctx, sys, account.Disable{AccountID: v.ID, Reason: "OTHER", ExpectedVersion: row.Version})
			must(t, err)
		}
	}
	for _, c := range []struct {
		what string
		ask  func(who string) error
		code fault.Code
	}{
		{"signIn", func(who string) error {
			_, _, err := s.SignIn(ctx, account.SignIn{Name: who, Password: "wrong"})
			return err
		}, fault.CodeSignInFailed},
		{"phoneCodeRequest", func(who string) error {
			_, err := s.PhoneCodeRequest(ctx, account.PhoneCodeRequest{Phone: phones[who]})
			return err
		}, ""},
		{"phoneSignIn", func(who string) error {
			_, _, err := s.PhoneSignIn(ctx, account.PhoneSignIn{Phone: phones[who], Code: "x"})
			return err
		}, fault.CodeSignInFailed},
		{"passwordReset", func(who string) error {
			phone, code := phones[who], "x"
			return s.PasswordReset(ctx, account.PasswordReset{Phone: &phone, PhoneCode: &code, NewPassword: another})
		}, fault.CodeOneTimeCode},
	} {
		work := map[string]string{}
		for who := range phones {
			work[who] = w.work(func() {
				if err := c.ask(who); c.code == "" {
					must(t, err)
				} else {
					want(t, err, c.code)
				}
			})
		}
		if work["known"] != work["unknown"] || work["known"] != work["disabled"] || work["known"] == "" {
			t.Errorf("%s:\n known    %s\n unknown  %s\n disabled %s", c.what, work["known"], work["unknown"], work["disabled"])
		}
	}
}
