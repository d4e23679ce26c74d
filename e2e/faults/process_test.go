package faults

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/fivesociety/linkage/server"
)

// serveEnv makes this test binary a process that serves the store at an address.
const serveEnv = "LINKAGE_TEST_SERVE"

func TestMain(m *testing.M) {
	if at := os.Getenv(serveEnv); at != "" {
		if err := serve(at); err != nil {
			_, _ = fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// serve is the process: it says where it is reached and serves until its input ends.
func serve(at string) error {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go func() {
		_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
		stop()
	}()
	p, err := open(ctx, at)
	if err != nil {
		return err
	}
	defer func() { _ = p.Close() }()
	s, err := server.New(ctx, p, server.Config{
		Addr: "127.0.0.1:0", Log: slog.New(slog.DiscardHandler), ActorCost: -1, AddressCost: -1, Connections: -1, AddressConnections: -1,
		ResumeWindow: 1 << 40,
	})
	if err != nil {
		return err
	}
	fmt.Println(s.URL()) // how the parent learns it
	return s.Serve(ctx)
}

// process is one that serves.
type process struct {
	cmd  *exec.Cmd
	host string // "127.0.0.1:port"
	end  func() error
}

// begin starts a process and waits until it listens.
func begin(t *testing.T, at string) *process {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env, cmd.Stderr = append(os.Environ(), serveEnv+"="+at), os.Stderr
	in, err := cmd.StdinPipe()
	must(t, err)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the process ended before it served: %v, %v", err, cmd.Wait())
	}
	return &process{cmd: cmd, host: strings.TrimPrefix(strings.TrimSpace(line), "http://"), end: func() error {
		_ = in.Close()
		return cmd.Wait()
	}}
}

// kill ends it as a power cut would.
func (p *process) kill(t *testing.T) {
	t.Helper()
	must(t, p.cmd.Process.Kill())
	if err := p.cmd.Wait(); err == nil {
		t.Error("the process had ended before it was killed")
	}
}
