package mongod

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// Home is the folder of the checkout that holds this package's cache and the
// traces of shared sets: .cache/mongod below the nearest go.mod upwards of the
// working directory.
func Home() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the checkout: %w", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, ".cache", "mongod"), nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("find the checkout: no go.mod above the working directory")
		}
		dir = up
	}
}

// A Shared is the place of the one set of its size that all processes of a
// checkout share. Locks on its files, which the kernel drops with their holder,
// tell who is there: "alive" is held by the keeper, "lease" by each user, and
// "door" while somebody starts or ends the set.
type Shared struct {
	dir string
}

// At returns the place of home's shared set of n members.
func At(home string, n int) Shared {
	return Shared{dir: filepath.Join(home, "run", strconv.Itoa(n))}
}

// State is what a keeper tells about its set.
type State struct {
	URI    string `json:"uri"`
	Keeper int    `json:"keeper"`
	PIDs   []int  `json:"pids"`
}

// State returns what the living keeper wrote, and false when there is none.
func (s Shared) State() (State, bool) {
	// Shared, so that two who ask at once do not take each other for a keeper.
	free, err := s.try("alive", syscall.LOCK_SH)
	if err != nil {
		return State{}, false
	}
	if free != nil {
		_ = free.Close()
		return State{}, false
	}
	var state State
	text, err := os.ReadFile(s.path("state.json"))
	if err != nil || json.Unmarshal(text, &state) != nil {
		return State{}, false
	}
	return state, true
}

// Lease keeps an idle keeper from ending the set until release is called or
// this process ends. Take it before asking for the set.
func (s Shared) Lease() (release func(), err error) {
	file, err := s.wait("lease", syscall.LOCK_SH)
	if err != nil {
		return nil, err
	}
	return func() { _ = file.Close() }, nil
}

// Keep runs the shared set in this process until ctx ends or, when idle is not
// zero, until nobody has held the lease for that long. It calls ready once with
// the set's state. The data stands in data and is removed at the end when that
// is empty.
func (s Shared) Keep(ctx context.Context, binary, data string, n int, idle time.Duration, ready func(State)) (err error) {
	alive, err := s.wait("alive", syscall.LOCK_EX)
	if err != nil {
		return err
	}
	defer alive.Close()
	var held locks
	defer func() { held.release() }()
	if data == "" {
		data = s.path("data")
		if err := os.RemoveAll(data); err != nil {
			return fmt.Errorf("clear the old data: %w", err)
		}
		defer os.RemoveAll(data)
	}
	set, err := Start(ctx, binary, data, n)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, set.Close()) }()
	state := State{URI: set.URI(), Keeper: os.Getpid()}
	for i := range set.Size() {
		state.PIDs = append(state.PIDs, set.PID(i))
	}
	text, err := json.Marshal(state)
	if err != nil {
		return fmt.Errorf("write the state: %w", err)
	}
	if err := os.WriteFile(s.path("state.json"), text, 0o600); err != nil {
		return fmt.Errorf("write the state: %w", err)
	}
	defer os.Remove(s.path("state.json"))
	ready(state)
	held, err = s.watch(ctx, idle)
	return err
}

type locks []*os.File

func (l locks) release() {
	for _, file := range l {
		_ = file.Close()
	}
}

// watch returns when the set is to end. After an idle time it does so with the
// door and the lease in hand, so that nobody walks into a set that is going down.
func (s Shared) watch(ctx context.Context, idle time.Duration) (locks, error) {
	if idle == 0 {
		<-ctx.Done()
		return nil, nil
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	last := time.Now()
	for {
		select {
		case <-ctx.Done():
			return nil, nil
		case now := <-tick.C:
			lease, err := s.try("lease", syscall.LOCK_EX)
			switch {
			case err != nil:
				return nil, err
			case lease == nil:
				last = now
				continue
			case now.Sub(last) < idle:
				_ = lease.Close()
				continue
			}
			door, err := s.try("door", syscall.LOCK_EX)
			if door != nil {
				return locks{lease, door}, nil
			}
			_ = lease.Close()
			if err != nil {
				return nil, err
			}
		}
	}
}

// Door waits until nobody else starts or ends the set.
func (s Shared) Door() (release func(), err error) {
	file, err := s.wait("door", syscall.LOCK_EX)
	if err != nil {
		return nil, err
	}
	return func() { _ = file.Close() }, nil
}

// Stop ends the set of the living keeper, and returns when it is gone. It is no
// error if there is none.
func (s Shared) Stop(ctx context.Context) error {
	state, ok := s.State()
	if !ok {
		return nil
	}
	// The lock proves that the keeper lives, so its number was not given away.
	if err := syscall.Kill(state.Keeper, syscall.SIGTERM); err != nil {
		return fmt.Errorf("stop the keeper %d: %w", state.Keeper, err)
	}
	return Until(ctx, func() bool { _, ok := s.State(); return !ok })
}

func (s Shared) path(name string) string { return filepath.Join(s.dir, name) }

// wait opens and locks a file of this place; closing it gives it free.
func (s Shared) wait(name string, how int) (*os.File, error) {
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return nil, fmt.Errorf("make %s: %w", s.dir, err)
	}
	file, err := os.OpenFile(s.path(name), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open a lock: %w", err)
	}
	for {
		err := syscall.Flock(int(file.Fd()), how)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if err != nil {
			_ = file.Close()
			return nil, fmt.Errorf("lock %s: %w", s.path(name), err)
		}
		return file, nil
	}
}

// try is wait that returns (nil, nil) at once when somebody else has the lock.
func (s Shared) try(name string, how int) (*os.File, error) {
	file, err := s.wait(name, how|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, nil
	}
	return file, err
}
