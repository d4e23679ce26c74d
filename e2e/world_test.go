package e2e

import (
	"context"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/account/oidc"
	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/internal/division"
	"github.com/fivesociety/linkage/internal/intake"
	"github.com/fivesociety/linkage/internal/platform"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/internal/world"
	"github.com/fivesociety/linkage/server"
)

// start is the moment at which the world of every case begins: a Monday, 9 in China.
var start = time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)

// env is one program under test: a store with a world in it, and a server.
type env struct {
	*platform.Platform
	adapter store.Adapter // below the platform, to read what is stored
	url     string
	locale  string            // what answers speak
	tokens  map[string]string // actor → access token
	names   map[string]any    // what ${…} stands for
	now     func() time.Time
	stop    func() error // ends the server and closes the store
}

// config is what every platform of these tests is made with: cheap password hashes,
// tokens that live as long as the test, and the rest as in the program.
func config(now func() time.Time) platform.Config {
	return platform.Config{Now: now, Code: "ts", Accounts: account.Config{
		Hash:      argon2id.Params{Memory: 8, Iterations: 1, Parallelism: 1, SaltLength: 8, KeyLength: 16},
		AccessTTL: 24 * time.Hour,
		// Codes reach no phone here and the issuer is away: e2e/wire walks both ways.
		Sender: nowhere{},
		Issuers: []oidc.Config{{
			Name: "city", Label: "市统一身份认证", Issuer: "http://127.0.0.1:1", ClientID: "linkage", Linking: oidc.LinkByInvite,
			RedirectURL: "http://127.0.0.1/auth/oidc/city/callback", AppURL: "https://app.example/in",
		}},
	}}
}

// nowhere takes codes and sends them to nobody.
type nowhere struct{}

func (nowhere) Send(context.Context, account.Message) error { return nil }

// open starts a program on a store, without a world.
func open(ctx context.Context, address string, now func() time.Time) (*env, error) {
	c := config(now)
	c.Seeded = seeded()
	return run(ctx, address, c)
}

// seeded is few divisions, and all in a long run.
func seeded() func(division.Fact) bool {
	if os.Getenv("LINKAGE_LONG") != "" {
		return nil
	}
	return testkit.Few
}

// run is open with a configuration of the test's own.
func run(ctx context.Context, address string, c platform.Config) (*env, error) {
	adapter, err := platform.Adapter(address)
	if err != nil {
		return nil, err
	}
	c.Adapter = adapter
	p, err := platform.Open(ctx, c)
	if err != nil {
		return nil, err
	}
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	if os.Getenv("LINKAGE_E2E_LOG") != "" {
		quiet = slog.Default()
	}
	srv, err := server.New(ctx, p, server.Config{Addr: "127.0.0.1:0", Log: quiet, Version: "e2e", ActorCost: -1, AddressCost: -1})
	if err != nil {
		_ = p.Close()
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ctx) }()
	stop := func() error {
		cancel()
		if err := <-served; err != nil {
			return err
		}
		return p.Close()
	}
	return &env{Platform: p, adapter: adapter, url: srv.URL(), locale: "en", tokens: map[string]string{}, names: map[string]any{}, now: c.Now, stop: stop}, nil
}

// people are the actors that the demonstration world lacks. A stranger has an account
// and nothing else.
var people = map[string][2]string{ // name → role, scope in the world
	"stranger":  {},
	"officer-2": {"PROTECTION_OFFICER", "stations.minors"},
	"admin-2":   {"ADMIN", "city"},
}

// settle loads the demonstration world and signs everybody in.
func (e *env) settle(ctx context.Context) error {
	report, err := intake.ImportFolder(ctx, world.Files(), e.Tables(), nil)
	if err != nil {
		return err
	}
	for file, ids := range report.IDs {
		for key, id := range ids {
			e.names[file+"."+key] = id
		}
	}
	e.names["city"], e.names["county"], e.names["street"] = "div_130200000000", "div_130203000000", "div_130203001000"
	e.names["community"], e.names["elsewhere"] = "com_130203001010", "com_130203002001"
	for name, id := range report.IDs["accounts"] {
		if err := e.signIn(ctx, name, id); err != nil {
			return err
		}
	}
	return e.invite(ctx)
}

func (e *env) signIn(ctx context.Context, name, id string) error {
	s, err := e.Accounts.OpenSession(ctx, id)
	if err != nil {
		return err
	}
	e.tokens[name] = s.AccessToken
	return nil
}

// invite makes the people that the demonstration world lacks.
func (e *env) invite(ctx context.Context) error {
	for name, grant := range people {
		a, err := e.must(ctx, "admin", `mutation($input: AccountCreateInput!) { accountCreate(input: $input) { account { id } errors { code path } } }`,
			object{"input": object{"name": name, "displayName": name, "password": "five-societies-2026"}})
		if err != nil {
			return err
		}
		id := a.text("accountCreate.account.id")
		e.names["accounts."+name] = id
		if grant[0] != "" {
			_, err = e.must(ctx, "admin", `mutation($input: RoleGrantInput!) { roleGrant(input: $input) { grant { id } errors { code path } } }`,
				object{"input": object{"accountId": id, "role": grant[0], "scopeId": e.names[grant[1]]}})
		}
		if err == nil {
			err = e.signIn(ctx, name, id)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// base is the world that every folder of cases starts from, made once a process.
type base struct {
	folder string
	now    time.Time
	tokens map[string]string
	names  map[string]any
}

// baseFolder is where the base stands, for the end of the process to remove.
var baseFolder atomic.Pointer[string]

var theBase = sync.OnceValues(func() (*base, error) {
	folder, err := os.MkdirTemp("", "linkage-e2e-")
	if err != nil {
		return nil, err
	}
	baseFolder.Store(&folder)
	ctx, c := context.Background(), clock.NewManual(start)
	e, err := open(ctx, "sqlite:"+filepath.Join(folder, "base.db"), c.Now)
	if err != nil {
		return nil, err
	}
	if err := e.settle(ctx); err != nil {
		return nil, err
	}
	if err := e.stages(ctx, c); err != nil {
		return nil, err
	}
	return &base{folder: folder, now: c.Now(), tokens: e.tokens, names: e.names}, e.stop()
})

// fresh is a program of its own on a copy of the base; its clock stands still until
// it is moved.
func fresh(t *testing.T) (*env, *clock.Manual) {
	t.Helper()
	b, err := theBase()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "case.db")
	if err := copyFile(filepath.Join(b.folder, "base.db"), path); err != nil {
		t.Fatal(err)
	}
	c := clock.NewManual(b.now)
	e, err := open(context.Background(), "sqlite:"+path, c.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.stop(); err != nil {
			t.Error(err)
		}
	})
	e.tokens, e.names = b.tokens, maps.Clone(b.names)
	return e, c
}

func copyFile(from, to string) error {
	raw, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, raw, 0o600)
}
