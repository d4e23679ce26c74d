package mongotest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/fivesociety/linkage/internal/testkit/mongod"
)

// idle is how long the shared set waits for its next user: longer than the
// pause between two packages of one run, shorter than a person's patience.
const idle = "30s"

// URI returns the URI of a database that only this test uses, on the shared
// replica set, which is started if it does not run. The database is dropped
// when the test ends. MONGO_URI, if set, names the server instead.
func URI(t testing.TB) string {
	t.Helper()
	server := os.Getenv("MONGO_URI")
	if server == "" {
		set, err := shared()
		if err != nil {
			absent(t, err)
		}
		server = set.uri
	}
	uri, name, err := withDatabase(server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := in(uri, 10*time.Second, func(ctx context.Context, client *mongo.Client) error { return client.Database(name).Drop(ctx) }); err != nil {
			t.Log("drop the test's database:", err)
		}
	})
	return uri
}

// A Pool is databases for tests that all make the same collections with the same indexes:
// one that has been used is emptied and used again. To make its collections takes longer
// than most tests.
type Pool struct {
	t    testing.TB
	mu   sync.Mutex
	free []string
}

// NewPool makes a pool that is dropped when t ends: the test that has its users as parts.
func NewPool(t testing.TB) *Pool { return &Pool{t: t} }

// URI is a database that only t uses until it ends. No collection of it holds anything.
func (p *Pool) URI(t testing.TB) string {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	var uri string
	if n := len(p.free); n > 0 {
		uri, p.free = p.free[n-1], p.free[:n-1]
	} else {
		uri = URI(p.t)
	}
	t.Cleanup(func() {
		if err := empty(uri); err != nil {
			t.Error("empty the test's database:", err)
			return
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.free = append(p.free, uri)
	})
	return uri
}

// A common is the shared set as this process has it: it stays as long as the
// lease is held, which the kernel gives back when the test binary ends.
type common struct {
	uri   string
	lease func()
}

// shared starts the set, or finds it, once a process. The lease is taken first,
// so that the set cannot go between the answer and its use.
var shared = sync.OnceValues(func() (common, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	home, err := mongod.Home()
	if err != nil {
		return common{}, err
	}
	if _, err := mongod.Find(ctx, home, os.Stderr); err != nil {
		return common{}, err
	}
	lease, err := mongod.At(home, 1).Lease()
	if err != nil {
		return common{}, err
	}
	// A process of its own keeps the set: it is to outlive this test binary.
	start := exec.CommandContext(ctx, "go", "run", "./internal/testkit/mongod/cmd", "start", "--idle", idle)
	start.Dir = filepath.Join(home, "..", "..")
	var said bytes.Buffer
	start.Stderr = &said
	out, err := start.Output()
	if err != nil {
		lease()
		return common{}, fmt.Errorf("start the shared replica set: %w: %s", err, said.Bytes())
	}
	return common{uri: strings.TrimSpace(string(out)), lease: lease}, nil
})

// absent ends the test of a machine that has no mongod; see the package's rule.
func absent(t testing.TB, err error) {
	t.Helper()
	if os.Getenv("CI") == "true" || !errors.Is(err, mongod.ErrMissing) {
		t.Fatal(err)
	}
	_, _ = fmt.Fprintf(os.Stderr, "\n*** %s DID NOT RUN: THIS MACHINE HAS NO MONGODB. NOTHING IS KNOWN ABOUT THE MONGODB STORE. ***\n%v\n\n", t.Name(), err)
	t.Skip(err)
}

// withDatabase returns server's URI with a new database name in its path.
func withDatabase(server string) (uri, name string, err error) {
	parsed, err := url.Parse(server)
	if err != nil {
		return "", "", fmt.Errorf("read MONGO_URI: %w", err)
	}
	name = "t_" + strings.ToLower(rand.Text())
	query := parsed.Query()
	if parsed.User != nil && !query.Has("authSource") {
		// A database in the path would else become the one that knows the user.
		source := strings.TrimPrefix(parsed.Path, "/")
		if source == "" {
			source = "admin"
		}
		query.Set("authSource", source)
	}
	parsed.Path, parsed.RawQuery = "/"+name, query.Encode()
	return parsed.String(), name, nil
}

// empty takes all documents out of a database.
func empty(uri string) error {
	parsed, err := url.Parse(uri)
	if err != nil {
		return err
	}
	return in(uri, time.Minute, func(ctx context.Context, client *mongo.Client) error {
		db := client.Database(strings.TrimPrefix(parsed.Path, "/"))
		names, err := db.ListCollectionNames(ctx, bson.D{})
		for _, name := range names {
			if _, failed := db.Collection(name).DeleteMany(ctx, bson.D{}); failed != nil {
				return failed
			}
		}
		return err
	})
}

// in does something with a connection of its own, within so long.
func in(uri string, within time.Duration, do func(context.Context, *mongo.Client) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	client, err := mongo.Connect(options.Client().ApplyURI(uri))
	if err != nil {
		return err
	}
	defer func() { _ = client.Disconnect(ctx) }()
	return do(ctx, client)
}
