package mongod

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
)

// SetName is the name of every replica set that this package starts.
const SetName = "linkage"

// alreadyInitialized is MongoDB's code for a set that has a configuration.
const alreadyInitialized = 23

// patience bounds the wait for a primary: on a busy two-core machine a first
// start takes some seconds, an election about two.
const patience = 90 * time.Second

// A Set is a running replica set whose members are children of this process.
// Its methods are not safe for concurrent use.
type Set struct {
	binary   string
	launcher *launcher
	members  []*member
}

// Start runs a replica set of n members below dir, on loopback ports, and
// returns when it has a primary that takes writes. A dir that served a set of
// the same size before is opened again with its data and ports. Elections are
// quick (2 s without a heartbeat). The caller closes the Set.
func Start(ctx context.Context, binary, dir string, n int) (*Set, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ports, err := portsOf(ctx, dir, n)
	if err != nil {
		return nil, err
	}
	s := &Set{binary: binary, launcher: newLauncher()}
	for i, port := range ports {
		s.members = append(s.members, &member{port: port, dir: filepath.Join(dir, strconv.Itoa(i))})
	}
	if err := s.up(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Set) up(ctx context.Context) error {
	for _, m := range s.members {
		if err := m.run(s.launcher, s.binary); err != nil {
			return err
		}
	}
	if err := s.initiate(ctx); err != nil {
		return err
	}
	_, err := s.Primary(ctx)
	return err
}

// initiate gives the set its configuration. The first member may still be
// starting, so it asks until it answers.
func (s *Set) initiate(ctx context.Context) error {
	hosts := make(bson.A, 0, len(s.members))
	for i, m := range s.members {
		hosts = append(hosts, bson.D{{Key: "_id", Value: i}, {Key: "host", Value: m.address()}})
	}
	command := bson.D{{Key: "replSetInitiate", Value: bson.D{
		{Key: "_id", Value: SetName},
		{Key: "members", Value: hosts},
		{Key: "settings", Value: bson.D{
			{Key: "electionTimeoutMillis", Value: 2000}, {Key: "heartbeatIntervalMillis", Value: 500},
		}},
	}}}
	var last error
	err := Until(ctx, func() bool {
		var answer bson.Raw
		last = s.members[0].admin(ctx, command, &answer)
		var refused mongo.CommandError
		return last == nil || errors.As(last, &refused) && refused.Code == alreadyInitialized || !s.members[0].running()
	})
	if err != nil || !s.members[0].running() {
		return fmt.Errorf("initiate the replica set (see %s): %w", s.members[0].dir, errors.Join(err, last))
	}
	return nil
}

// Primary returns the index of the member that takes writes, and waits for an
// election to end.
func (s *Set) Primary(ctx context.Context) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	at := -1
	err := Until(ctx, func() bool {
		for i, m := range s.members {
			if m.running() && m.leads(ctx) {
				at = i
				return true
			}
		}
		return false
	})
	if err != nil {
		return 0, fmt.Errorf("wait for a primary of %s: %w", s.URI(), err)
	}
	return at, nil
}

// URI is what a client connects with; it names every member and no database.
func (s *Set) URI() string {
	hosts := make([]string, 0, len(s.members))
	for _, m := range s.members {
		hosts = append(hosts, m.address())
	}
	return "mongodb://" + strings.Join(hosts, ",") + "/?replicaSet=" + SetName
}

// Size returns the number of members, running or not.
func (s *Set) Size() int { return len(s.members) }

// PID returns the process id of member i, 0 while it is down.
func (s *Set) PID(i int) int {
	if !s.members[i].running() {
		return 0
	}
	return s.members[i].cmd.Process.Pid
}

// Port returns the port of member i, the same over restarts.
func (s *Set) Port(i int) int { return s.members[i].port }

// Kill ends member i as a power cut would (SIGKILL) and returns when it is gone.
func (s *Set) Kill(i int) error { return s.members[i].end(syscall.SIGKILL) }

// Signal sends member i a signal without waiting, for tests that freeze a
// server (SIGSTOP) and thaw it (SIGCONT).
func (s *Set) Signal(i int, signal syscall.Signal) error {
	if !s.members[i].running() {
		return fmt.Errorf("signal member %d: %w", i, os.ErrProcessDone)
	}
	return s.members[i].cmd.Process.Signal(signal)
}

// Restart starts member i again on its old port and data, and returns when it
// follows or leads the set.
func (s *Set) Restart(ctx context.Context, i int) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	m := s.members[i]
	if m.running() {
		return fmt.Errorf("restart member %d: it is running", i)
	}
	if err := m.run(s.launcher, s.binary); err != nil {
		return err
	}
	err := Until(ctx, func() bool {
		var hello struct {
			Primary   bool `bson:"isWritablePrimary"`
			Secondary bool `bson:"secondary"`
		}
		return m.admin(ctx, bson.D{{Key: "hello", Value: 1}}, &hello) == nil && (hello.Primary || hello.Secondary)
	})
	if err != nil {
		return fmt.Errorf("wait for member %d: %w", i, err)
	}
	return nil
}

// Close ends every member at once, without mercy: the data of a test is not
// worth a clean shutdown, and a journal survives this one anyway.
func (s *Set) Close() error {
	var errs []error
	for _, m := range s.members {
		errs = append(errs, m.end(syscall.SIGKILL))
		if m.client != nil {
			errs = append(errs, m.client.Disconnect(context.Background()))
		}
	}
	s.launcher.close()
	return errors.Join(errs...)
}

// Until asks ten times a second until the answer is yes or ctx ends, and
// returns the latter's error.
func Until(ctx context.Context, yes func() bool) error {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for !yes() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
	return nil
}

// portsOf returns the ports that dir's set has in its configuration, or draws
// and remembers new ones: a configuration names its members by port.
func portsOf(ctx context.Context, dir string, n int) ([]int, error) {
	path := filepath.Join(dir, "ports.json")
	var ports []int
	if text, err := os.ReadFile(path); err == nil {
		if err := json.Unmarshal(text, &ports); err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
		if len(ports) != n {
			return nil, fmt.Errorf("%s is of a set of %d, not %d", path, len(ports), n)
		}
		return ports, nil
	}
	ports, err := freePorts(ctx, n)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(ports)
	if err != nil {
		return nil, fmt.Errorf("write the ports: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the set's folder: %w", err)
	}
	return ports, os.WriteFile(path, text, 0o600)
}
