package mongod

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// A member is one mongod of a Set: a port and a folder that stay the same over
// restarts, and a process that does not.
type member struct {
	port   int
	dir    string
	cmd    *exec.Cmd
	gone   chan struct{} // closed when cmd has ended
	client *mongo.Client // talks to this member alone
}

// run starts the member's process. The server's own words go to mongod.log in
// the member's folder.
func (m *member) run(l *launcher, binary string) error {
	if err := os.MkdirAll(m.dir, 0o755); err != nil {
		return fmt.Errorf("make the member's folder: %w", err)
	}
	// Not bound to a context: the process outlives the call that starts it.
	cmd := exec.CommandContext(context.Background(), binary,
		"--replSet", SetName, "--bind_ip", "127.0.0.1", "--port", strconv.Itoa(m.port),
		"--dbpath", m.dir, "--logpath", filepath.Join(m.dir, "mongod.log"), "--logappend", "--quiet", "--nounixsocket",
		"--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "256",
		"--setParameter", "enableTestCommands=1",
		"--setParameter", "diagnosticDataCollectionEnabled=false",
		"--setParameter", "shutdownTimeoutMillisForSignaledShutdown=100")
	if err := l.start(cmd); err != nil {
		return fmt.Errorf("start %s: %w", binary, err)
	}
	m.cmd, m.gone = cmd, make(chan struct{})
	go func(gone chan struct{}) {
		_ = cmd.Wait() // a killed server's exit code says nothing
		close(gone)
	}(m.gone)
	return nil
}

// end signals the process, if there is one, and waits until it is gone.
func (m *member) end(how syscall.Signal) error {
	if m.cmd == nil {
		return nil
	}
	if err := m.cmd.Process.Signal(how); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("signal the member on port %d: %w", m.port, err)
	}
	<-m.gone
	m.cmd = nil
	return nil
}

// alone returns the client that talks to this member whatever its state.
func (m *member) alone() (*mongo.Client, error) {
	if m.client != nil {
		return m.client, nil
	}
	client, err := mongo.Connect(options.Client().
		SetHosts([]string{m.address()}).SetDirect(true).
		SetServerSelectionTimeout(2 * time.Second).SetConnectTimeout(2 * time.Second))
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", m.address(), err)
	}
	m.client = client
	return client, nil
}

// admin runs one command on this member and decodes its answer.
func (m *member) admin(ctx context.Context, command, answer any) error {
	client, err := m.alone()
	if err != nil {
		return err
	}
	return client.Database("admin").RunCommand(ctx, command).Decode(answer)
}

// leads tells whether this member says that it is the writable primary.
func (m *member) leads(ctx context.Context) bool {
	var hello struct {
		Primary bool `bson:"isWritablePrimary"`
	}
	err := m.admin(ctx, bson.D{{Key: "hello", Value: 1}}, &hello)
	return err == nil && hello.Primary
}

func (m *member) running() bool {
	if m.cmd == nil {
		return false
	}
	select {
	case <-m.gone:
		return false
	default:
		return true
	}
}

func (m *member) address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(m.port)) }

// freePorts returns n loopback ports that nobody listened on a moment ago.
func freePorts(ctx context.Context, n int) ([]int, error) {
	ports := make([]int, 0, n)
	for range n {
		// All listeners stay open until the last port is drawn, so none repeats.
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("find a free port: %w", err)
		}
		defer listener.Close()
		ports = append(ports, listener.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}
