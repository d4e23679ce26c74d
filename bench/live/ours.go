package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/alexedwards/argon2id"
	"github.com/vektah/gqlparser/v2/ast"
	"golang.org/x/sync/errgroup"

	"github.com/fivesociety/linkage/graph"
	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/feed"
	"github.com/fivesociety/linkage/internal/intake"
	"github.com/fivesociety/linkage/internal/platform"
	"github.com/fivesociety/linkage/internal/request"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/usecase"
	"github.com/fivesociety/linkage/internal/world"
	"github.com/fivesociety/linkage/resolvers"
	"github.com/fivesociety/linkage/server"
)

// rows is how many requests there are to change: of a burst each is another one.
const rows = 64

// ours is the product as it is served: a real store in a file, accounts of their own
// for all readers, every event routed by the rule of each of them.
type ours struct {
	p      *platform.Platform
	addr   string
	admin  string
	like   *account.Account // a coordinator
	as     access.Actor
	rows   []string
	close  func()
	plain  *httptest.Server // the same resolvers behind gqlgen's own transport
	tokens []string
}

func newOurs() (s *ours, err error) {
	folder, err := os.MkdirTemp("", "bench-live-")
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	adapter, err := platform.Adapter("sqlite:" + filepath.Join(folder, "bench.db"))
	if err != nil {
		stop()
		return nil, err
	}
	s = &ours{}
	quiet := slog.New(slog.NewJSONHandler(io.Discard, nil))
	s.p, err = platform.Open(ctx, platform.Config{Adapter: adapter, Accounts: account.Config{
		AccessTTL: 24 * time.Hour, Hash: argon2id.Params{Memory: 8, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}, // thousands of accounts are made, nobody signs in
	}})
	if err != nil {
		stop()
		return nil, err
	}
	if err := s.fill(ctx); err != nil {
		stop()
		return nil, err
	}
	srv, err := server.New(ctx, s.p, server.Config{Addr: "127.0.0.1:0", Admin: "127.0.0.1:0", Log: quiet, ActorCost: -1, AddressCost: -1, AddressConnections: -1})
	if err != nil {
		stop()
		return nil, err
	}
	s.addr, s.admin = strings.TrimPrefix(srv.URL(), "http://"), srv.AdminURL()
	s.plain = httptest.NewServer(s.stock())
	done := make(chan error, 1)
	go func() { done <- srv.Serve(ctx) }()
	s.close = func() {
		s.plain.Close()
		stop()
		if err := <-done; err != nil {
			fmt.Fprintln(os.Stderr, "ours:", err)
		}
		_ = s.p.Close()
		_ = os.RemoveAll(folder)
	}
	return s, nil
}

// stock is the product's resolvers behind what gqlgen brings.
func (s *ours) stock() http.Handler {
	hub := feed.New(s.p.Core.DB, feed.Config{Box: s.p.Core.Box}) // for the cursor beside a list; it does not run
	h := handler.New(graph.NewExecutableSchema(graph.Config{Resolvers: &resolvers.Resolver{P: s.p, Hub: hub}}))
	h.AddTransport(transport.POST{})
	h.SetQueryCache(lru.New[*ast.QueryDocument](1000))
	h.Use(server.PerResponse{})
	return (&server.Auth{Accounts: s.p.Accounts}).Middleware(h)
}

// fill writes the world, and requests of a station.
func (s *ours) fill(ctx context.Context) error {
	report, err := intake.ImportFolder(ctx, world.Files(), s.p.Tables(), nil)
	if err != nil {
		return err
	}
	if s.like, err = s.p.Accounts.Rows().Get(ctx, report.IDs["accounts"]["coordinator"]); err != nil {
		return err
	}
	session, err := s.p.Accounts.OpenSession(ctx, s.like.ID)
	if err != nil {
		return err
	}
	if s.as, _, err = s.p.Accounts.ActorOf(ctx, session.AccessToken); err != nil {
		return err
	}
	like, err := s.p.Requests.Load(ctx, report.IDs["requests"]["r-parcel"])
	if err != nil {
		return err
	}
	return s.p.Core.DB.Tx(ctx, func(ctx context.Context) error {
		s.rows = nil
		for range rows {
			r, line := *like, like.Lines[0]
			r.ID, line.ID = s.p.Core.DB.NewID("req"), s.p.Core.DB.NewID("nl")
			r.Number, r.Header.Station, r.Header.State = "B-"+r.ID[len(r.ID)-20:], report.IDs["stations"]["qiaotun"], string(request.Matching)
			r.Lines, r.Private.Lines = []request.Line{line}, nil
			s.rows = append(s.rows, r.ID)
			if err := s.p.Requests.Rows().Insert(ctx, &r, store.Note{}); err != nil {
				return err
			}
		}
		return nil
	})
}

// publish changes n requests in one unit.
func (s *ours) publish(n int) ([]int64, error) {
	var at int64
	err := s.p.Core.DB.Tx(context.Background(), func(ctx context.Context) error {
		found, err := s.p.Requests.Rows().GetMany(ctx, s.rows[:n])
		if err != nil {
			return err
		}
		store.After(ctx, func() { at = time.Now().UnixNano() })
		for _, id := range s.rows[:n] {
			if err := s.p.Requests.Rows().Replace(ctx, found[id], usecase.Note(s.as, "request.changed", id, "")); err != nil {
				return err
			}
		}
		return nil
	})
	began := make([]int64, n)
	for i := range began {
		began[i] = at
	}
	return began, err
}

// readers asks the metrics, as an operator would.
func (s *ours) readers() int { return int(s.metric("linkage_subscriptions")) }

func (s *ours) metric(name string) float64 {
	res, err := http.Get(s.admin + "/metrics") //nolint:noctx // loopback, of this process
	if err != nil {
		return -1
	}
	defer func() { _ = res.Body.Close() }()
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), name+" "); ok {
			v, _ := strconv.ParseFloat(rest, 64)
			return v
		}
	}
	return -1
}

func (s *ours) prepare(o order) (answer, error) {
	switch o.Do {
	case "tokens":
		err := s.people(context.Background(), o.N)
		return answer{Tokens: s.tokens[:min(o.N, len(s.tokens))]}, err
	case "metric":
		return answer{Count: int(s.metric(o.Text))}, nil
	case "pages":
		return answer{Page: [2]string{"http://" + s.addr + "/graphql", s.plain.URL}}, nil
	}
	return answer{}, nil
}

// people makes coordinators of one station until there are n, each with an account.
func (s *ours) people(ctx context.Context, n int) error {
	had := len(s.tokens)
	if had >= n {
		return nil
	}
	s.tokens = append(s.tokens, make([]string, n-had)...)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(64)
	for i := had; i < n; i++ {
		group.Go(func() error {
			v, _, err := s.p.Accounts.Create(ctx, access.System("bench"), account.Create{
				Name: fmt.Sprintf("reader-%d", i), DisplayName: "reader", Password: "竹筒倒豆子 correct",
			})
			if err != nil {
				return err
			}
			err = s.p.Core.DB.Tx(ctx, func(ctx context.Context) error {
				row, err := s.p.Accounts.Rows().Get(ctx, v.ID)
				if err != nil {
					return err
				}
				row.Grants = append([]account.Grant(nil), s.like.Grants...)
				for i := range row.Grants {
					row.Grants[i].ID = s.p.Core.DB.NewID("grt")
				}
				return s.p.Accounts.Rows().Replace(ctx, row, store.Note{})
			})
			if err != nil {
				return err
			}
			session, err := s.p.Accounts.OpenSession(ctx, v.ID)
			if err == nil {
				s.tokens[i] = session.AccessToken
			}
			return err
		})
	}
	return group.Wait()
}
