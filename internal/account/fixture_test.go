package account_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/store/sqlite"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/internal/testkit/engines"
)

const password = "竹筒倒豆子 correct"

// room is a world with accounts.
type room struct {
	*testkit.World
	*account.Service
	ctx context.Context
}

func open(t testing.TB, settings ...func(*room, *account.Config)) *room {
	t.Helper()
	return openOn(t, sqlite.New(sqlite.Config{Path: filepath.Join(t.TempDir(), "x.db")}), settings...)
}

// both runs a test in a room on each of the two stores.
func both(t *testing.T, fn func(t *testing.T, r *room)) {
	t.Helper()
	engines.Both(t, func(t *testing.T, a store.Adapter) { fn(t, openOn(t, a)) })
}

func openOn(t testing.TB, a store.Adapter, settings ...func(*room, *account.Config)) *room {
	t.Helper()
	r := &room{ctx: context.Background()}
	r.World = testkit.OpenOn(t, a, func(w *testkit.World) {
		cheap := argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}
		config := account.Config{Hash: cheap}
		r.World = w
		for _, set := range settings {
			set(r, &config)
		}
		s, err := account.New(w.Core, config, w.Divisions, account.Objects{
			"sta": func(ctx context.Context, id string) (account.Object, error) {
				st, err := w.Stations.Load(ctx, id)
				if err != nil {
					return account.Object{}, err
				}
				return account.Object{Name: st.Name, Division: st.Area()}, nil
			},
			"rcp": func(context.Context, string) (account.Object, error) {
				return account.Object{Name: "R-TEST", Division: testkit.Community1}, nil
			},
			"org": func(ctx context.Context, id string) (account.Object, error) {
				o, err := w.Organisations.Load(ctx, id)
				if err != nil {
					return account.Object{}, err
				}
				return account.Object{Name: o.Name, Division: division.CodeOf(o.Division)}, nil
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		r.Service = s
	})
	if _, err := r.Service.Open(r.ctx); err != nil {
		t.Fatal(err)
	}
	return r
}

// account makes an account with a role, by the system; no role for "".
func (r *room) account(t testing.TB, name string, role access.Role, scope string) *account.View {
	t.Helper()
	v, _, err := r.Service.Create(r.ctx, r.System(), account.Create{Name: name, DisplayName: name, Password: password})
	must(t, err)
	if role != "" {
		_, v, err = r.RoleGrant(r.ctx, r.System(), account.RoleGrant{AccountID: v.ID, Role: role, ScopeID: scope})
		must(t, err)
	}
	return v
}

// actor signs in and reads the actor from the token.
func (r *room) actor(t testing.TB, name string) (access.Actor, *account.SessionView) {
	t.Helper()
	s, _, err := r.SignIn(r.ctx, account.SignIn{Name: name, Password: password})
	must(t, err)
	a, _, err := r.ActorOf(r.ctx, s.AccessToken)
	must(t, err)
	return a, s
}

// kinds are the log's kinds after a sequence.
func (r *room) entries(t testing.TB, after int64) []*store.Entry {
	t.Helper()
	entries, err := r.Core.DB.Log(r.ctx, store.LogQuery{After: after})
	must(t, err)
	return entries
}

func (r *room) end(t testing.TB) int64 {
	t.Helper()
	seq, _, err := r.Core.DB.LogEnd(r.ctx)
	must(t, err)
	return seq
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func want(t testing.TB, err error, code fault.Code) {
	t.Helper()
	testkit.WantCode(t, err, code)
}

func ptr[T any](v T) *T { return &v }

const hour = time.Hour

func parts(list []store.Part) [][]byte {
	out := make([][]byte, len(list))
	for i, p := range list {
		out[i] = p.Body
	}
	return out
}
