// Command live is the load tool of the wire: it measures the live feed of the product
// beside a bare broadcast, stock gqlgen and centrifuge, in one run, taking turns, and
// prints three scoreboards: events, connections, trouble. Servers and readers are
// processes of their own, which it starts and ends; all of it is on loopback.
//
//	make bench-live
//	cd bench/live && go run . -boards events -n 1000 -rounds 5
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// options are what a run measures.
type options struct {
	readers []int
	rounds  int
	boards  []string
	kinds   []string
	profile string
}

func main() {
	if len(os.Args) > 2 && os.Args[1] == "child" {
		if err := child(os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, os.Args[2]+":", err)
			os.Exit(1)
		}
		return
	}
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "live:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	if err := files(slices.Max(o.readers)); err != nil {
		return err
	}
	say(out, "command: go run . %s\nmachine: %d cores, %s, GOMAXPROCS %d; load before: %s\n", strings.Join(args, " "), runtime.NumCPU(), runtime.Version(), runtime.GOMAXPROCS(0), loadavg())
	b := &bench{options: *o, out: out}
	defer b.close()
	for _, board := range o.boards {
		measure, there := map[string]func() error{
			"events": b.events, "filters": b.filters, "connections": b.connections, "trouble": b.trouble, "page": b.page,
		}[board]
		if !there {
			return fmt.Errorf("no board %q", board)
		}
		if err := measure(); err != nil {
			return fmt.Errorf("%s: %w", board, err)
		}
	}
	say(out, "load after: %s\n", loadavg())
	return nil
}

func parse(args []string) (*options, error) {
	o := &options{}
	flags := flag.NewFlagSet("live", flag.ContinueOnError)
	readers := flags.String("n", "1000,5000", "readers, one list after the other")
	boards := flags.String("boards", "events,filters,connections,trouble,page", "what to measure")
	kinds := flags.String("servers", "ours,raw,gqlgen,centrifuge", "which servers")
	flags.IntVar(&o.rounds, "rounds", 5, "rounds, of which the median is told")
	flags.StringVar(&o.profile, "profile", "", "folder for a CPU profile of each server")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	o.boards, o.kinds = strings.Split(*boards, ","), strings.Split(*kinds, ",")
	for _, n := range strings.Split(*readers, ",") {
		v, err := strconv.Atoi(n)
		if err != nil || v < 1 {
			return nil, fmt.Errorf("-n %q: numbers of readers with commas between", *readers)
		}
		o.readers = append(o.readers, v)
	}
	if o.rounds < 1 {
		return nil, errors.New("-rounds: at least one")
	}
	return o, nil
}

// files raises the limit of open files, which children inherit, to what n readers need.
func files(n int) error {
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		return err
	}
	l.Cur = l.Max
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		return fmt.Errorf("raise the limit of open files to %d: %w", l.Max, err)
	}
	if need := uint64(n) + 200; l.Cur < need {
		return fmt.Errorf("%d readers need %d open files, and the hard limit is %d: raise it, or ask for fewer with -n", n, need, l.Cur)
	}
	return nil
}

func say(out io.Writer, format string, args ...any) {
	_, _ = fmt.Fprintf(out, format, args...) // nobody is there to be told
}
