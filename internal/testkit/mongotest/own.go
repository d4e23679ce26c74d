package mongotest

import (
	"os"
	"syscall"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/fivesociety/linkage/internal/testkit/mongod"
)

// A Set is a replica set that one test owns and may break. What goes wrong with
// the set itself ends the test. Only the test's goroutine uses it.
type Set struct {
	t   testing.TB
	set *mongod.Set
	uri string
}

// Three starts a set of three members, which takes some ten seconds, and ends
// it with the test. MONGO_URI is not for this: nobody kills the members of a
// server that was lent.
func Three(t testing.TB) *Set {
	t.Helper()
	return own(t, 3)
}

// One starts a set of one, in about two seconds: for fail points, which are the
// server's and would meet every test that shares it.
func One(t testing.TB) *Set {
	t.Helper()
	return own(t, 1)
}

// Binary returns the path of a mongod for tests that start one themselves.
func Binary(t testing.TB) string {
	t.Helper()
	home, err := mongod.Home()
	if err != nil {
		t.Fatal(err)
	}
	binary, err := mongod.Find(t.Context(), home, os.Stderr)
	if err != nil {
		absent(t, err)
	}
	return binary
}

func own(t testing.TB, members int) *Set {
	t.Helper()
	set, err := mongod.Start(t.Context(), Binary(t), t.TempDir(), members)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := set.Close(); err != nil {
			t.Error(err)
		}
	})
	uri, _, err := withDatabase(set.URI())
	if err != nil {
		t.Fatal(err)
	}
	return &Set{t: t, set: set, uri: uri}
}

// URI names all members and a database.
func (s *Set) URI() string { return s.uri }

// PID returns the process id of member i (from 0), 0 while it is down.
func (s *Set) PID(i int) int { return s.set.PID(i) }

// Port returns the port of member i, the same over restarts.
func (s *Set) Port(i int) int { return s.set.Port(i) }

// Primary waits for an election to end and returns who won it.
func (s *Set) Primary() int {
	s.t.Helper()
	i, err := s.set.Primary(s.t.Context())
	s.must(err)
	return i
}

// Kill ends member i with SIGKILL and returns when it is gone.
func (s *Set) Kill(i int) {
	s.t.Helper()
	s.must(s.set.Kill(i))
}

// KillPrimary kills the member that takes writes now and returns its number; it
// does not wait for the next one to be elected.
func (s *Set) KillPrimary() int {
	s.t.Helper()
	i := s.Primary()
	s.Kill(i)
	return i
}

// Freeze stops member i without ending it, as a machine that hangs; Thaw lets it
// go on.
func (s *Set) Freeze(i int) {
	s.t.Helper()
	s.must(s.set.Signal(i, syscall.SIGSTOP))
}

// Thaw ends what Freeze began.
func (s *Set) Thaw(i int) {
	s.t.Helper()
	s.must(s.set.Signal(i, syscall.SIGCONT))
}

// Restart brings member i back with its data, and returns when it follows or leads.
func (s *Set) Restart(i int) {
	s.t.Helper()
	s.must(s.set.Restart(s.t.Context(), i))
}

// FailCommand makes the primary that client talks to misbehave: its failCommand
// fail point gets data (failCommands, errorCode, closeConnection,
// writeConcernError, appName, …) for the next times commands that match. A
// writeConcernError is answered after the command was carried out, the others
// instead of carrying it out. A later call replaces it.
func (s *Set) FailCommand(client *mongo.Client, times int, data bson.D) {
	s.t.Helper()
	s.must(client.Database("admin").RunCommand(s.t.Context(), bson.D{
		{Key: "configureFailPoint", Value: "failCommand"},
		{Key: "mode", Value: bson.D{{Key: "times", Value: times}}},
		{Key: "data", Value: data},
	}).Err())
}

func (s *Set) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}
