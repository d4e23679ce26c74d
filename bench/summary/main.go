// Command summary reads what `go test -bench` prints, passes it on, and says at the
// end in plain words what the figures are that the project has goals for. A goal
// that is missed is marked and is no failure: a machine that does other work at the
// same time misses some. A benchmark that failed is one.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// figure is one line of the summary.
type figure struct {
	pkg, bench, unit string // the end of the package's path, the benchmark without its -N, the metric
	says             string
	least, most      float64 // the goal; 0 for none
}

// figures are what the summary tells, in order. Each is a ratio or has one beside it.
var figures = []figure{
	{"bench", "Start", "ms-to-answer", "ms from process start to the first answered query, embedded, median", 0, 300},
	{"bench", "Start", "answer/version", "  × the same binary printing its version", 0, 0},
	{"bench", "Start", "MB-image", "MB, the binary as the Dockerfile builds it", 0, 45},
	{"bench", "Start", "MB-plain", "MB, the binary of a plain go build", 0, 45},
	{"store/sqlite", "Commit", "shared/single", "× commits of one step, embedded, 16 writers that share commits to one commit each", 3, 0},
	{"store/sqlite", "Commit", "tx/s-16-shared", "  of them a second", 0, 0},
	{"bench", "Step", "shared/single", "× whole use cases (hold, resume), embedded, 16 writers, shared to single", 0, 0},
	{"bench", "Step", "steps/s-shared", "  of them a second", 0, 0},
	{"store/mongo", "Commit", "ours/plain-16", "× commits on three members, 16 writers, to plain transactions with a counter", 5, 0},
	{"store/mongo", "Commit", "ours/plain-64", "× the same with 64 writers", 5, 0},
	{"store/mongo", "Commit", "tx/s-64", "  of them a second", 0, 0},
	{"store/mongo", "Commit", "tx/s-2-processes-64", "commits a second, 64 writers in two processes on one database", 0, 0},
	{"store/sqlite", "Page", "store/bare", "× a page of 50 among 100,000, embedded store to bare driver", 0, 1.5},
	{"store/sqlite", "Page", "page-1000/page-1", "× page 1,000 to page 1", 0, 1.3},
	{"store/mongo", "Page", "store/bare", "× the same on MongoDB, store to bare driver", 0, 1.5},
	{"store/mongo", "Page", "page-1000/page-1", "× page 1,000 to page 1", 0, 1.3},
	{"bench", "Page/sqlite", "find/bare", "× 50 requests among 100,000 under a coordinator's rule, embedded, store to bare driver", 0, 1.5},
	{"bench", "Page/sqlite", "find-1000/1", "× page 1,000 to page 1", 0, 1.3},
	{"bench", "Page/sqlite", "list/bare", "× through the use case, with all that the rows refer to, to bare driver", 0, 0},
	{"bench", "Page/sqlite", "ms-list", "  ms", 0, 0},
	{"bench", "Page/sqlite", "http/bare", "× over HTTP, to bare driver", 0, 0},
	{"bench", "Page/sqlite", "list-1000/1", "× page 1,000 to page 1, through the use case", 0, 1.3},
	{"bench", "Million", "list/10k", "× a coordinator's page among 1,000,000 to one among 10,000, embedded (make bench-million)", 0, 1.5},
	{"bench", "Million", "deep/10k", "× the same from page 1,000 on", 0, 1.5},
	{"bench", "Page/mongo-one", "find/bare", "× the same on MongoDB, store to bare driver", 0, 1.5},
	{"bench", "Page/mongo-one", "find-1000/1", "× page 1,000 to page 1", 0, 1.3},
	{"bench", "Page/mongo-one", "list/bare", "× through the use case, to bare driver", 0, 0},
	{"bench", "CommitToFrame/sqlite", "ms-p50", "ms from a commit to the subscriber's frame, embedded, p50", 0, 5},
	{"bench", "CommitToFrame/sqlite", "ms-p99", "  ms, p99", 0, 0},
	{"bench", "CommitToFrame/mongo-one", "to-sqlite", "× on MongoDB, one member, to embedded", 0, 0},
	{"bench", "CommitToFrame/mongo-three", "to-sqlite", "× on MongoDB, three members, to embedded", 0, 0},
	{"access", "Decision/", "ns/op", "ns, one access decision, the slowest of the readers", 0, 50},
	{"access", "Decision/", "allocs/op", "  allocations", 0, 0},
	{"bench", "Acceptances/sqlite", "ms-64-at-once", "ms, 64 acceptances of one resource at once, embedded", 0, 0},
	{"bench", "Acceptances/sqlite", "in-turn/at-once", "× one after another to at once", 0, 0},
	{"bench", "Acceptances/sqlite", "one/64-resources", "× one resource to 64 resources", 0, 0},
	{"bench", "Acceptances/mongo-one", "ms-64-at-once", "ms on MongoDB, one member", 0, 0},
	{"bench", "Acceptances/mongo-one", "in-turn/at-once", "× one after another to at once", 0, 0},
	{"bench", "Acceptances/mongo-three", "ms-64-at-once", "ms on MongoDB, three members", 0, 0},
	{"bench", "Acceptances/mongo-three", "in-turn/at-once", "× one after another to at once", 0, 0},
}

func main() {
	failed, err := run(os.Stdin, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "summary:", err)
	}
	if err != nil || failed {
		os.Exit(1)
	}
}

// run copies the lines and tells the summary; it reports whether a package failed.
func run(in io.Reader, out io.Writer) (failed bool, err error) {
	values := map[string]samples{} // by figure
	pkg := ""
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		line := lines.Text()
		if _, err := fmt.Fprintln(out, line); err != nil {
			return true, err
		}
		switch {
		case strings.HasPrefix(line, "pkg: "):
			pkg = strings.TrimPrefix(line, "pkg: ")
		case strings.HasPrefix(line, "FAIL"):
			failed = true
		case strings.HasPrefix(line, "Benchmark"):
			note(values, pkg, strings.Fields(line))
		}
	}
	if err := lines.Err(); err != nil {
		return true, err
	}
	return failed, tell(out, values)
}

var processors = regexp.MustCompile(`-\d+$`)

// note keeps a result line's metrics for the figures that want them.
func note(values map[string]samples, pkg string, words []string) {
	name := processors.ReplaceAllString(strings.TrimPrefix(words[0], "Benchmark"), "")
	for i := 2; i+1 < len(words); i += 2 {
		number, err := strconv.ParseFloat(words[i], 64)
		if err != nil {
			continue
		}
		for _, f := range figures {
			whole := name == f.bench || strings.HasSuffix(f.bench, "/") && strings.HasPrefix(name, f.bench)
			if whole && words[i+1] == f.unit && strings.HasSuffix(pkg, "/"+f.pkg) {
				if values[f.key()] == nil {
					values[f.key()] = samples{}
				}
				values[f.key()][name] = append(values[f.key()][name], number)
			}
		}
	}
}

// samples are a figure's numbers by benchmark: one for each time that it ran.
type samples map[string][]float64

// worst is the median of the benchmark whose median is the largest.
func (s samples) worst() float64 {
	var medians []float64
	for _, list := range s {
		slices.Sort(list)
		medians = append(medians, list[len(list)/2])
	}
	return slices.Max(medians)
}

func (f figure) key() string { return f.pkg + " " + f.bench + " " + f.unit }

func tell(out io.Writer, values map[string]samples) error {
	var text strings.Builder
	text.WriteString("\nSummary (medians; ratios are within this run)\n")
	for _, f := range figures {
		numbers := values[f.key()]
		if len(numbers) == 0 {
			fmt.Fprintf(&text, "%9s  %s\n", "not run", f.says)
			continue
		}
		value := numbers.worst()
		fmt.Fprintf(&text, "%9.4g  %s%s\n", value, f.says, f.goal(value))
	}
	_, err := io.WriteString(out, text.String())
	return err
}

func (f figure) goal(value float64) string {
	switch {
	case f.least == 0 && f.most == 0:
		return ""
	case f.least > 0 && value < f.least:
		return fmt.Sprintf("  [goal ≥ %g: MISSED]", f.least)
	case f.least > 0:
		return fmt.Sprintf("  [goal ≥ %g]", f.least)
	case value > f.most:
		return fmt.Sprintf("  [goal ≤ %g: MISSED]", f.most)
	}
	return fmt.Sprintf("  [goal ≤ %g]", f.most)
}
