package bench

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// starts is how often a round starts the program.
const starts = 15

// BenchmarkStart is the time from the start of the process to its first answered
// query, on an embedded store with the world in it, beside the start of the same
// binary that only prints its version. Sizes are those of a plain build and of the
// Dockerfile's.
func BenchmarkStart(b *testing.B) {
	folder := b.TempDir()
	plain, image := filepath.Join(folder, "plain"), filepath.Join(folder, "linkage")
	large := build(b, plain)
	small := build(b, image, "-trimpath", "-tags", "timetzdata", "-ldflags", "-s -w -X main.release=v0")
	db := filepath.Join(folder, "x.db")
	must(b, open(b, "sqlite:"+db, 0).Close())
	var answered, version []time.Duration
	for b.Loop() {
		for range starts {
			answered = append(answered, startToAnswer(b, image, db))
			version = append(version, timed(b, exec.CommandContext(context.Background(), image, "version").Run))
		}
	}
	b.ReportMetric(large, "MB-plain")
	b.ReportMetric(small, "MB-image")
	b.ReportMetric(millis(at(answered, 0.5)), "ms-to-answer")
	b.ReportMetric(millis(at(answered, 0.9)), "ms-p90")
	b.ReportMetric(float64(at(answered, 0.5))/float64(at(version, 0.5)), "answer/version")
}

func build(b *testing.B, to string, flags ...string) (megabytes float64) {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), "go", append(append([]string{"build", "-o", to}, flags...), "../cmd/linkage")...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	info, err := os.Stat(to)
	must(b, err)
	return float64(info.Size()) / 1e6
}

func startToAnswer(b *testing.B, binary, db string) time.Duration {
	b.Helper()
	addr := free(b)
	ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, "serve", "--addr", addr, "--store", "sqlite:"+db, "--log-level", "error")
	var said bytes.Buffer
	cmd.Stderr = &said
	began := time.Now()
	must(b, cmd.Start())
	for !answers(ctx, addr) {
		if ctx.Err() != nil {
			b.Fatalf("no answer: %s", said.Bytes())
		}
	}
	took := time.Since(began)
	must(b, cmd.Process.Signal(os.Interrupt))
	if err := cmd.Wait(); err != nil {
		b.Fatalf("%v: %s", err, said.Bytes())
	}
	return took
}

// answers asks one query that reads the store. A refused connection takes some
// microseconds, so that asking again at once measures the program and not a pause.
func answers(ctx context.Context, addr string) bool {
	const query = `{"query":"{ division(id: \"div_130203001000\") { name } }"}`
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		pause := time.NewTimer(time.Millisecond)
		defer pause.Stop()
		<-pause.C
		return false
	}
	_ = conn.Close()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+addr+"/graphql", strings.NewReader(query))
	if err != nil {
		return false
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	return err == nil && bytes.Contains(raw, []byte("乔屯"))
}

func free(b *testing.B) string {
	b.Helper()
	l, err := new(net.ListenConfig).Listen(b.Context(), "tcp", "127.0.0.1:0")
	must(b, err)
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}
