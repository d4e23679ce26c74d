// Command load asks a running server the same query from many connections for a
// while and prints how many answers a second came and how long they took. It is
// for looking at a server by hand, beside a profile or another build: a figure of
// its own means little.
//
//	linkage demo --no-play --tokens tokens.json &
//	go run ./bench/load --tokens tokens.json --as coordinator --clients 8 --for 10s
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/fivesociety/linkage/internal/play"
)

type load struct {
	url, token string
	body       []byte
	clients    int
	length     time.Duration
}

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	l, err := parse(args)
	if err != nil {
		return err
	}
	began := time.Now()
	took, err := l.ask()
	if err != nil {
		return err
	}
	slices.Sort(took)
	at := func(share float64) time.Duration {
		return took[min(len(took)-1, int(share*float64(len(took))))].Round(10 * time.Microsecond)
	}
	_, err = fmt.Fprintf(out, "%d clients: %.0f answers/s, p50 %s, p90 %s, p99 %s, longest %s\n",
		l.clients, float64(len(took))/time.Since(began).Seconds(), at(0.5), at(0.9), at(0.99), at(1))
	return err
}

func parse(args []string) (*load, error) {
	l := &load{}
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	flags.StringVar(&l.url, "url", "http://127.0.0.1:8080", "the server")
	tokens := flags.String("tokens", "", "file of `linkage demo --tokens`")
	as := flags.String("as", "coordinator", "whose token; without a file nobody's")
	document := flags.String("document", "board", "query of the demo's play: board, resources, …")
	flags.IntVar(&l.clients, "clients", 8, "connections at once")
	flags.DurationVar(&l.length, "for", 10*time.Second, "how long")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if *tokens != "" {
		raw, err := os.ReadFile(*tokens)
		if err != nil {
			return nil, err
		}
		given := map[string]string{}
		if err := json.Unmarshal(raw, &given); err != nil {
			return nil, fmt.Errorf("read %s: %w", *tokens, err)
		}
		if l.token = given[*as]; l.token == "" {
			return nil, fmt.Errorf("%s has no %q", *tokens, *as)
		}
	}
	var err error
	l.body, err = json.Marshal(map[string]string{"query": play.Document(*document)})
	return l, err
}

// ask asks until the time is over, or until the first answer that is none.
func (l *load) ask() ([]time.Duration, error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: l.clients}, Timeout: time.Minute}
	lists, errs := make([][]time.Duration, l.clients), make([]error, l.clients)
	until := time.Now().Add(l.length)
	var wg sync.WaitGroup
	for i := range l.clients {
		wg.Go(func() {
			for ctx.Err() == nil && time.Now().Before(until) {
				began := time.Now()
				if errs[i] = l.one(ctx, client); errs[i] != nil {
					cancel()
					return
				}
				lists[i] = append(lists[i], time.Since(began))
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return slices.Concat(lists...), nil
}

func (l *load) one(ctx context.Context, client *http.Client) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.url+"/graphql", bytes.NewReader(l.body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if l.token != "" {
		req.Header.Set("Authorization", "Bearer "+l.token)
	}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err == nil && (res.StatusCode != http.StatusOK || bytes.Contains(raw, []byte(`"errors"`))) {
		err = fmt.Errorf("%s: %s", res.Status, raw[:min(len(raw), 500)])
	}
	return err
}
