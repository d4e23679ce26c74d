package faults

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/alexedwards/argon2id"

	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/intake"
	"github.com/fivesociety/linkage/internal/platform"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/internal/testkit/mongotest"
	"github.com/fivesociety/linkage/internal/world"
)

// subjects is how many requests there are to write to, beside the demonstration world's.
const subjects = 24

// made is a closed store with the demonstration world and the subjects, made once: its file, a
// dump of it, and what is in it.
type made struct {
	file, dump []byte
	ids        map[string]map[string]string // file of the world → key → id
	tokens     map[string]string            // account → access token
}

var template = sync.OnceValue(func() made {
	folder, err := os.MkdirTemp("", "faults-")
	if err != nil {
		panic(err) // no test can do without
	}
	defer func() { _ = os.RemoveAll(folder) }()
	path := filepath.Join(folder, "template.db")
	m, err := build("sqlite:" + path)
	if err != nil {
		panic(err)
	}
	adapter, err := platform.Adapter("sqlite:" + path)
	var dump bytes.Buffer
	if err == nil {
		_, err = platform.Dump(context.Background(), adapter, &dump)
	}
	if err == nil {
		m.file, err = os.ReadFile(path)
	}
	if err != nil {
		panic(err)
	}
	m.dump = dump.Bytes()
	return m
})

// build makes the world in a new store and signs everybody in for as long as any test runs.
func build(address string) (m made, err error) {
	ctx := context.Background()
	p, err := open(ctx, address)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	files, err := enlarged()
	if err != nil {
		return m, err
	}
	report, err := intake.ImportFolder(ctx, files, p.Tables(), nil)
	if err != nil {
		return m, err
	}
	m.ids, m.tokens = report.IDs, map[string]string{}
	for name, id := range report.IDs["accounts"] {
		session, err := p.Accounts.OpenSession(ctx, id)
		if err != nil {
			return m, err
		}
		m.tokens[name] = session.AccessToken
	}
	return m, nil
}

// enlarged is the demonstration world with the subjects in it.
func enlarged() (fs.FS, error) {
	out := fstest.MapFS{}
	names, err := fs.Glob(world.Files(), "*")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		raw, err := fs.ReadFile(world.Files(), name)
		if err != nil {
			return nil, err
		}
		if name == "requests.csv" {
			for i := range subjects {
				raw = fmt.Appendf(raw, "%s,liu,,小修小补,第%d件（示例）,示例。,一般,+1d 09:00,+7d 18:00,,本人,志愿时间,60,分钟,,是,\n", subject(i), i)
			}
		}
		out[name] = &fstest.MapFile{Data: raw}
	}
	return out, nil
}

func subject(i int) string { return fmt.Sprint("f-", i) }

// open is the platform on a store: passwords are quick to check, tokens outlive the tests.
func open(ctx context.Context, address string) (*platform.Platform, error) {
	return openBy(ctx, address, time.Now)
}

// openBy is open by another clock.
func openBy(ctx context.Context, address string, now func() time.Time) (*platform.Platform, error) {
	adapter, err := platform.Adapter(address)
	if err != nil {
		return nil, err
	}
	return platform.Open(ctx, platform.Config{Adapter: adapter, Now: now, Seeded: testkit.Few, Accounts: account.Config{
		Hash:      argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32},
		AccessTTL: 24 * time.Hour,
	}})
}

// onSQLite is the address of a copy of the world.
func onSQLite(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "faults.db")
	must(t, os.WriteFile(path, template().file, 0o600))
	return "sqlite:" + path
}

// onMongo makes the world in a database of MongoDB: ids, tokens and cursors are the template's.
func onMongo(t *testing.T, uri string) string {
	t.Helper()
	adapter, err := platform.Adapter(uri)
	must(t, err)
	_, err = platform.Restore(t.Context(), adapter, bytes.NewReader(template().dump))
	must(t, err)
	return uri
}

func onSharedMongo(t *testing.T) string { return onMongo(t, mongotest.URI(t)) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
