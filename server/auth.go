package server

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"golang.org/x/text/language"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/server/live"
)

// Auth says who is calling. A token carries identity only; the actor with its grants
// is read from the store when a resolver asks, once a response.
type Auth struct {
	Accounts *account.Service
	// Proxies are the networks whose X-Forwarded-For is believed.
	Proxies []netip.Prefix

	clients clientContexts
}

// ActorFrom is whoever speaks in ctx: account.ActorFrom, for those who know the
// server only.
func ActorFrom(ctx context.Context) (access.Actor, error) { return account.ActorFrom(ctx) }

// Middleware reads language, address and the Authorization header. No header is
// nobody; a header that is no valid token is refused with 401, as its sender believes
// to be somebody. Websockets say who they are in connection_init: see Init.
func (a *Auth) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := account.WithAddress(codes.WithLocale(r.Context(), locale(r.Header.Get("Accept-Language"))), a.address(r))
		ctx = account.WithDevice(ctx, r.UserAgent())
		w.Header().Add("Vary", "Accept-Language, Authorization")
		header := r.Header.Values("Authorization")
		if len(header) > 0 && r.Header.Get("Upgrade") == "" {
			id, err := a.identify(header...)
			if err != nil {
				w.Header().Set("WWW-Authenticate", `Bearer realm="linkage", error="invalid_token"`)
				refuse(ctx, w, http.StatusUnauthorized, asFault(err))
				return
			}
			ctx = a.Accounts.WithCaller(ctx, id, "graphql")
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

func asFault(err error) *fault.Error {
	if f, ok := fault.As(err); ok {
		return f
	}
	return fault.New(fault.CodeUnauthenticated)
}

// identify reads the one Authorization header there may be.
func (a *Auth) identify(header ...string) (account.Identity, error) {
	if len(header) != 1 {
		return account.Identity{}, fault.New(fault.CodeUnauthenticated)
	}
	scheme, token, ok := strings.Cut(header[0], " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return account.Identity{}, fault.New(fault.CodeUnauthenticated)
	}
	return a.Accounts.Identify(strings.TrimSpace(token))
}

// Init answers a websocket's connection_init: `authorization` as the HTTP header
// ("Bearer …"), `locale` over the handshake's Accept-Language. Without a token the
// connection is nobody's and lives on; with a bad one, or of an ended session, it is
// refused. It is the Init hook of live.Transport.
func (a *Auth) Init(ctx context.Context, payload map[string]any) (context.Context, live.Session, map[string]any, error) {
	if tag, ok := payload["locale"].(string); ok {
		ctx = codes.WithLocale(ctx, locale(tag))
	}
	given, there := payload["authorization"]
	if !there {
		given, there = payload["Authorization"]
	}
	if !there || given == nil {
		return ctx, live.Session{}, nil, nil
	}
	header, _ := given.(string)
	id, err := a.identify(header)
	if err != nil {
		return ctx, live.Session{}, nil, err
	}
	if _, err := a.Accounts.Actor(ctx, id); err != nil {
		return ctx, live.Session{}, nil, err
	}
	return ctx, a.session(id), nil, nil
}

// Caller is who speaks in a plain request, for the streams of events that answer it. It
// is the Caller hook of live.Transport.
func (a *Auth) Caller(ctx context.Context) live.Session {
	id, _ := account.IdentityFrom(ctx)
	return live.Session{ID: id.Session, Account: id.Account, Expires: id.Expires}
}

// apart is all that what is made for many subscribers may know of one: the language. It is
// the Apart hook of live.Transport.
func apart(ctx context.Context) (context.Context, string) {
	l := codes.Locale(ctx)
	return codes.WithLocale(context.Background(), l), l
}

// Kept is what a websocket keeps of its handshake: what Middleware found, the request's id
// and the caller's trace, if it is no longer than W3C's Trace Context lets it be. It is the Kept
// hook of live.Transport.
func (a *Auth) Kept(r *http.Request) (context.Context, http.Header) {
	from := r.Context()
	ctx := context.WithValue(a.clients.context(from), requestIDKey{}, RequestID(from))
	var trace http.Header
	for name, most := range map[string]int{"Traceparent": 55, "Tracestate": 512} {
		if v := r.Header.Values(name); len(v) > 0 && len(strings.Join(v, ",")) <= most {
			if trace == nil {
				trace = http.Header{}
			}
			trace[name] = v
		}
	}
	return ctx, trace
}

// clientContexts are the same for all who come from one address with one device and one
// language: an office, or a proxy.
type clientContexts struct {
	mu sync.Mutex
	of map[[3]string]context.Context
}

const clientsMax = 1024

func (c *clientContexts) context(from context.Context) context.Context {
	key := [3]string{codes.Locale(from), account.AddressOf(from), account.DeviceOf(from)}
	c.mu.Lock()
	defer c.mu.Unlock()
	ctx, there := c.of[key]
	if !there {
		if c.of == nil || len(c.of) >= clientsMax {
			c.of = map[[3]string]context.Context{}
		}
		ctx = account.WithDevice(account.WithAddress(codes.WithLocale(context.Background(), key[0]), key[1]), key[2])
		c.of[key] = ctx
	}
	return ctx
}

// session is what a connection holds of an identity. Each operation is bound to it
// when it starts; sessionRenew puts a fresh one in its place.
func (a *Auth) session(id account.Identity) live.Session {
	return live.Session{
		ID: id.Session, Account: id.Account, Expires: id.Expires,
		Bind: func(ctx context.Context) (context.Context, error) {
			ctx = a.Accounts.WithCaller(ctx, id, "socket")
			conn, ok := live.ConnFrom(ctx)
			if !ok {
				return ctx, nil
			}
			return account.WithRenew(ctx, func(fresh account.Identity) error { return conn.Renew(a.session(fresh)) }), nil
		},
	}
}

// address is the client's: the connection's, or what the nearest trusted proxy says.
func (a *Auth) address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for len(hops) > 0 && a.trusted(host) {
		last := strings.TrimSpace(hops[len(hops)-1])
		hops = hops[:len(hops)-1]
		if _, err := netip.ParseAddr(last); err != nil {
			break
		}
		host = last
	}
	return network(host)
}

func (a *Auth) trusted(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && slices.ContainsFunc(a.Proxies, func(p netip.Prefix) bool { return p.Contains(ip.Unmap()) })
}

// network is what one client has: an IPv4 address, or the /64 of an IPv6 one, within
// which anybody has as many addresses as wanted.
func network(host string) string {
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	p, err := ip.Prefix(64)
	if err != nil {
		return host
	}
	return p.String()
}

// locale chooses "zh" or "en" for an Accept-Language header or a language tag: the
// first of the two that is named, by preference; the platform's own for none.
func locale(accept string) string {
	if len(accept) > 256 {
		return "zh"
	}
	tags, _, err := language.ParseAcceptLanguage(accept)
	if err != nil {
		return "zh"
	}
	for _, tag := range tags {
		if base, _ := tag.Base(); base.String() == "zh" || base.String() == "en" {
			return base.String()
		}
	}
	return "zh"
}

// PerResponse makes the actor be read once a response: for a query or mutation, and
// for each event of a subscription anew.
type PerResponse struct{}

var (
	_ graphql.HandlerExtension    = PerResponse{}
	_ graphql.ResponseInterceptor = PerResponse{}
)

// ExtensionName names the extension for gqlgen.
func (PerResponse) ExtensionName() string { return "PerResponse" }

// Validate has nothing to check.
func (PerResponse) Validate(graphql.ExecutableSchema) error { return nil }

// InterceptResponse gives one response its own memory, of the actor and of what is
// read by id, and the request's log line the operation's name.
func (PerResponse) InterceptResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	if graphql.HasOperationContext(ctx) {
		if op := graphql.GetOperationContext(ctx); op.Operation != nil {
			notesOf(ctx).runs(string(op.Operation.Operation) + " " + clipName(op.Operation.Name))
		}
	}
	return next(store.Remember(account.WithMemo(ctx)))
}

func clipName(name string) string {
	if len(name) > 64 {
		return name[:64]
	}
	return name
}
