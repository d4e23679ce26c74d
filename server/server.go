package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/vektah/gqlparser/v2/ast"
	"go.opentelemetry.io/otel/trace"

	"github.com/fivesociety/linkage/graph"
	"github.com/fivesociety/linkage/internal/clock"
	"github.com/fivesociety/linkage/internal/console"
	"github.com/fivesociety/linkage/internal/feed"
	"github.com/fivesociety/linkage/internal/platform"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/webhook"
	"github.com/fivesociety/linkage/resolvers"
	"github.com/fivesociety/linkage/server/live"
)

// Times of a server's life.
const (
	readHeaderWithin = 10 * time.Second
	readWithin       = 30 * time.Second
	idleFor          = 2 * time.Minute
	drainWithin      = 20 * time.Second
	tickEvery        = time.Minute
)

// maxHeaders is how much all headers of a request may be beside its address; more is
// answered with 431.
const maxHeaders = 64 << 10

// Config is what a server is made with. Zero values are good defaults.
type Config struct {
	Addr              string // "host:port"; port 0 takes a free one; default ":8080"
	Origins           []string
	Proxies           []netip.Prefix
	Log               *slog.Logger // default: slog.Default()
	Version           string
	OpenIntrospection bool // lets anybody read the schema, not only who is signed in
	Edition           Edition
	// ActorCost and AddressCost bound what is spent, as in Limits.
	ActorCost, AddressCost int
	// Connections and AddressConnections bound the websockets and streams of events that are
	// open at once, in the process and of one address. Default DefaultConnections and
	// DefaultAddressConnections; negative is no bound.
	Connections, AddressConnections int
	// Sockets bounds each of them.
	Sockets live.Limits
	// ReadHeader and Read are how long a request's headers and all of it may take to come;
	// default 10 s and 30 s.
	ReadHeader, Read time.Duration
	// Admin is another "host:port" for metrics and profiles; none for "". It asks nobody
	// for a token: loopback, or a network of those who run the platform.
	Admin   string
	Metrics *Metrics     // default: its own
	Tracer  trace.Tracer // see Tracer; no traces without one
	// Trusted are documents by id, see Documents; with TrustedOnly nothing else runs
	// but what the board asks.
	Trusted     map[string]string
	TrustedOnly bool
	// ResumeWindow is how many log entries back from the end a feed can be resumed;
	// who comes later gets a FeedGap. Default 100,000.
	ResumeWindow int64
	// Clock ends sockets whose token expires, by the time of the platform that
	// issued it; default the machine's.
	Clock clock.Clock
}

// Server serves one platform over HTTP and websockets. Make it with New, run it
// with Serve; the platform is its caller's to close, after Serve has returned.
type Server struct {
	cfg      Config
	platform *platform.Platform
	hub      *feed.Hub
	worker   *webhook.Worker
	socket   *live.Transport
	health   *Health
	http     *http.Server
	listener net.Listener
	metrics  *Metrics
	inside   *http.Server // of the admin address
	window   net.Listener // nil without one
}

// New listens on the address and wires the parts; it does not serve yet, but
// connections made from now on are answered once Serve runs.
func New(ctx context.Context, p *platform.Platform, cfg Config) (*Server, error) {
	if cfg.Addr == "" {
		cfg.Addr = ":8080"
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.Metrics == nil {
		cfg.Metrics = NewMetrics()
	}
	bounded(&cfg.Connections, DefaultConnections)
	bounded(&cfg.AddressConnections, DefaultAddressConnections)
	bounded(&cfg.ReadHeader, readHeaderWithin)
	bounded(&cfg.Read, readWithin)
	s := &Server{cfg: cfg, platform: p, metrics: cfg.Metrics, health: &Health{DB: p.Core.DB, Log: cfg.Log}}
	auth := &Auth{Accounts: p.Accounts, Proxies: cfg.Proxies}
	s.socket = &live.Transport{Init: auth.Init, Caller: auth.Caller, Apart: apart, Kept: auth.Kept, Together: store.Remember, Origins: cfg.Origins, Limits: cfg.Sockets, Clock: cfg.Clock, Log: cfg.Log}
	s.hub = feed.New(p.Core.DB, feed.Config{
		Box: p.Core.Box, Events: rights(p), OnRevoke: s.revoke, Log: cfg.Log, Window: cfg.ResumeWindow,
	})
	if err := s.metrics.registry.Register(gauges{p.Core.DB, s.hub, s.socket}); err != nil {
		return nil, fmt.Errorf("metrics of one server: %w", err)
	}
	routes, err := s.routes(auth)
	if err != nil {
		return nil, err
	}
	s.http = &http.Server{
		Handler: routes, ReadHeaderTimeout: cfg.ReadHeader, ReadTimeout: cfg.Read, IdleTimeout: idleFor,
		MaxHeaderBytes: MaxURL + maxHeaders,
		ErrorLog:       slog.NewLogLogger(cfg.Log.Handler(), slog.LevelDebug),
	}
	if s.listener, err = new(net.ListenConfig).Listen(ctx, "tcp", cfg.Addr); err != nil {
		return nil, fmt.Errorf("listen on %s: %w", cfg.Addr, err)
	}
	if cfg.Admin != "" {
		s.inside = &http.Server{Handler: s.admin(), ReadHeaderTimeout: readHeaderWithin}
		if s.window, err = new(net.ListenConfig).Listen(ctx, "tcp", cfg.Admin); err != nil {
			return nil, errors.Join(fmt.Errorf("listen on %s: %w", cfg.Admin, err), s.listener.Close())
		}
	}
	return s, nil
}

// bounded takes the default for 0, and 0, which is no bound, for less.
func bounded[T int | time.Duration](field *T, standard T) {
	switch {
	case *field == 0:
		*field = standard
	case *field < 0:
		*field = 0
	}
}

// revoke closes the sockets of an account, or of one session of it, that lost a
// right: no frame leaves after the hub has read so.
func (s *Server) revoke(account, session string) {
	if session != "" {
		s.socket.CloseSession(session, live.CloseForbidden, "Revoked")
		return
	}
	s.socket.CloseAccount(account, live.CloseForbidden, "Revoked")
}

// rights tells the hub what a log entry does to an account's rights.
func rights(p *platform.Platform) func(*store.Entry) (feed.Rights, bool, error) {
	return func(e *store.Entry) (feed.Rights, bool, error) {
		ev, ok, err := p.Accounts.EventOf(e)
		return feed.Rights{Account: ev.Account, Session: ev.Session, Ended: ev.Ended, Grants: ev.Grants}, ok, err
	}
}

// routes are all endpoints.
func (s *Server) routes(auth *Auth) (http.Handler, error) {
	schema := graph.NewExecutableSchema(graph.Config{Resolvers: &resolvers.Resolver{
		P: s.platform, Hub: s.hub, Version: s.cfg.Version,
	}})
	s.platform.Webhooks.Follow(s.hub)
	s.worker = s.platform.Webhooks.NewWorker(webhook.WorkerConfig{
		Hub: s.hub, Render: renderer(schema), Log: s.cfg.Log, Chance: rand.Float64,
	})
	admission := &Admission{
		Connections: s.cfg.Connections, PerAddress: s.cfg.AddressConnections, Refused: s.metrics.turnedAway, Log: s.cfg.Log,
	}
	api := handler.New(schema)
	api.AddTransport(s.socket)
	api.AddTransport(HTTP{Edition: s.cfg.Edition, Live: s.socket, Admission: admission})
	api.SetQueryCache(NewQueryCache())
	api.SetErrorPresenter(Presenter(s.cfg.Log))
	api.SetRecoverFunc(Recover(s.cfg.Log))
	api.SetDisableSuggestion(true)
	documents, err := s.documents(schema.Schema())
	if err != nil {
		return nil, err
	}
	if s.cfg.Tracer != nil {
		api.Use(Traces{s.cfg.Tracer})
	}
	api.Use(s.metrics)
	api.Use(documents)
	limits := NewLimits(Limits{
		OpenIntrospection: s.cfg.OpenIntrospection, ActorCost: s.cfg.ActorCost, AddressCost: s.cfg.AddressCost,
	})
	api.SetParserTokenLimit(limits.Tokens)
	api.Use(limits)
	api.Use(PerResponse{})
	mux := http.NewServeMux()
	mux.Handle("/graphql", CORS(s.cfg.Origins, auth.Middleware(admission.Middleware(api))))
	around := &round{accounts: s.platform.Accounts, log: s.cfg.Log}
	mux.Handle("GET /auth/oidc/{name}/start", auth.Middleware(http.HandlerFunc(around.start)))
	mux.Handle("GET /auth/oidc/{name}/callback", auth.Middleware(http.HandlerFunc(around.callback)))
	s.platform.Imports.LogTo(s.cfg.Log)
	files := &tables{imports: s.platform.Imports}
	mux.Handle("POST /imports", CORS(s.cfg.Origins, auth.Middleware(http.HandlerFunc(files.upload))))
	mux.Handle("OPTIONS /imports", CORS(s.cfg.Origins, http.NotFoundHandler()))
	mux.Handle("GET /imports/{id}/problems", CORS(s.cfg.Origins, auth.Middleware(http.HandlerFunc(files.problems))))
	mux.Handle("GET /templates/{table}", CORS(s.cfg.Origins, auth.Middleware(http.HandlerFunc(files.template))))
	explorer := console.Explorer()
	mux.Handle("/explorer", explorer)
	mux.Handle("/explorer/", explorer)
	board := console.Board()
	mux.Handle("/console", board)
	mux.Handle("/console/", board)
	mux.HandleFunc("GET /livez", s.health.Live)
	mux.HandleFunc("GET /readyz", s.health.Ready)
	mux.Handle("GET /{$}", http.RedirectHandler("/console/", http.StatusFound))
	return Logged(s.cfg.Log, mux, s.metrics.answered), nil
}

// documents are those that are trusted: the configuration's, and what the board asks.
func (s *Server) documents(schema *ast.Schema) (*Documents, error) {
	return NewDocuments(schema, s.cfg.Trusted, s.cfg.TrustedOnly, slices.Collect(maps.Values(console.Documents()))...)
}

// URL is where the server can be reached from this machine, without a path.
func (s *Server) URL() string { return reachable(s.listener) }

// AdminURL is the same of the admin address, "" without one.
func (s *Server) AdminURL() string {
	if s.window == nil {
		return ""
	}
	return reachable(s.window)
}

func reachable(l net.Listener) string {
	host, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return "http://" + l.Addr().String()
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// Serve serves until ctx ends, then drains: not ready any more, sockets closed with
// 1001, running requests finished. It returns nil after an orderly end.
func (s *Server) Serve(ctx context.Context) error {
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var background sync.WaitGroup
	failed := make(chan error, 3)
	background.Go(func() { failed <- s.hub.Run(running) })
	background.Go(func() { s.tick(running) })
	background.Go(func() { s.platform.Accounts.Deliver(running, s.cfg.Log) })
	background.Go(func() { _ = s.worker.Run(running) }) // ends with running only
	go func() { failed <- s.http.Serve(s.listener) }()
	if s.window != nil {
		go func() { failed <- s.inside.Serve(s.window) }()
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	err = errors.Join(err, s.drain())
	if s.window != nil {
		_ = s.inside.Close() // the last to go, so that draining can be watched
	}
	stop()
	background.Wait()
	if errors.Is(err, http.ErrServerClosed) || errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// drain ends what is under way within a time.
func (s *Server) drain() error {
	s.health.Drain()
	ctx, cancel := context.WithTimeout(context.Background(), drainWithin)
	defer cancel()
	return errors.Join(s.socket.Shutdown(ctx), s.http.Shutdown(ctx))
}

// tick does the platform's own recurring work.
func (s *Server) tick(ctx context.Context) {
	t := time.NewTicker(tickEvery)
	defer t.Stop()
	for {
		if err := s.platform.Tick(ctx); err != nil && ctx.Err() == nil {
			s.cfg.Log.WarnContext(ctx, "recurring work", "cause", err.Error())
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}
