package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/platform"
	"github.com/fivesociety/linkage/internal/webhook"
	"github.com/fivesociety/linkage/server"
)

// serveCmd serves the platform.
type serveCmd struct {
	Addr              string   `default:":8080" help:"Address to listen on: HOST:PORT."`
	Store             string   `default:"sqlite:linkage.db" placeholder:"ADDRESS" help:"sqlite:PATH or mongodb://HOST/DATABASE?replicaSet=NAME."`
	Origins           []string `placeholder:"URL" help:"Web origins that may call from a browser, such as https://board.example."`
	Proxies           []string `placeholder:"CIDR" help:"Networks of proxies whose X-Forwarded-For is believed."`
	WebhookNetworks   []string `placeholder:"CIDR" help:"Private networks that webhooks may call, such as 10.20.0.0/16."`
	WebhookHTTP       bool     `name:"webhook-http" help:"Let webhooks call http as well as https: for development."`
	OpenIntrospection bool     `help:"Let anybody read the schema, not only who is signed in."`
	HTTPEdition       string   `name:"http-edition" default:"2026" enum:"2026,2025" help:"Edition of GraphQL over HTTP whose statuses are answered: 2026, or 2025 for clients and gateways made for the older text."`
	Admin             string   `placeholder:"HOST:PORT" help:"Another address for metrics and profiles, such as 127.0.0.1:9090. It asks for no token: never a public one."`
	ActorCost         int      `default:"5000" help:"Cost of queries that an account may spend in a second in the long run; 0 does not count."`
	AddressCost       int      `default:"50000" help:"The same for all behind one address."`
	Connections       int      `default:"20000" help:"Websockets and streams of events that may be open at once; 0 is no bound."`
	AddressConns      int      `name:"address-connections" default:"2000" help:"The same for all behind one address."`
	TrustedDocuments  string   `type:"path" placeholder:"FILE" help:"Documents that clients may name by id: a JSON object of id to text."`
	TrustedOnly       bool     `help:"Run nothing but trusted documents."`
	Production        bool     `help:"Refuse what is for development only: codes in the log, identity providers and webhooks without TLS."`
	OIDC              issuers  `name:"oidc" placeholder:"JSON" help:"Identity providers, as a JSON list; see docs/sign-in.md. Best in the configuration file."`
	SMS               string   `name:"sms" placeholder:"URL" help:"Where phone codes go: the https URL of a webhook, or log (development only). Without it there is no sign-in by phone."`
	SMSToken          string   `name:"sms-token" placeholder:"TOKEN" help:"The bearer token that the webhook wants; best as LINKAGE_SMS_TOKEN."`
	OfferDays         int      `default:"30" placeholder:"DAYS" help:"After how many days without its owner's word a charity resource on offer is shown as stale."`
	LogLevel          string   `default:"info" enum:"debug,info,warn,error" help:"debug, info, warn or error."`
}

// rate reads a bound: of the cost that may be spent in a second, of connections. What a person
// writes for none, 0 or -1, becomes what the server's configuration knows as such; anything
// else below 1 is CONFIGURATION_INVALID.
func rate(name string, cost int) (int, error) {
	switch {
	case cost < -1:
		return 0, fault.New(fault.CodeConfiguration, fault.P("what", name+": "+strconv.Itoa(cost)+" is neither 0, for no bound, nor a bound"))
	case cost == 0:
		return -1, nil
	}
	return cost, nil
}

// flushWithin is how long the last spans may take to leave.
const flushWithin = 3 * time.Second

var editions = map[string]server.Edition{"2026": server.Edition2026, "2025": server.Edition2025}

// Run serves until a signal comes.
func (c *serveCmd) Run(ctx context.Context, out io.Writer) error {
	log, err := logger(c.LogLevel)
	if err != nil {
		return err
	}
	proxies, err := networks(c.Proxies)
	if err != nil {
		return err
	}
	private, err := networks(c.WebhookNetworks)
	if err != nil {
		return err
	}
	if err := origins(c.Origins); err != nil {
		return err
	}
	for _, bound := range []struct {
		name string
		of   *int
	}{
		{"actor-cost", &c.ActorCost},
		{"address-cost", &c.AddressCost},
		{"connections", &c.Connections},
		{"address-connections", &c.AddressConns},
	} {
		if *bound.of, err = rate(bound.name, *bound.of); err != nil {
			return err
		}
	}
	trusted, err := manifest(c.TrustedDocuments)
	if err != nil {
		return err
	}
	adapter, err := platform.Adapter(c.Store)
	if err != nil {
		return err
	}
	accounts, err := c.accounts(log)
	if err != nil {
		return err
	}
	metrics := server.NewMetrics()
	tracer, flush, err := server.Tracer(ctx, version())
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushWithin)
		defer cancel()
		_ = flush(ctx) // a collector that is gone keeps nobody
	}()
	waiting := time.AfterFunc(time.Second, func() { log.Warn("still opening the store", "store", platform.Redact(c.Store)) })
	p, err := platform.Open(ctx, platform.Config{
		Adapter: metrics.Adapter(adapter), Accounts: accounts, Webhooks: webhook.Targets{AllowHTTP: c.WebhookHTTP, Allowed: private},
		Fresh: time.Duration(c.OfferDays) * 24 * time.Hour,
	})
	waiting.Stop()
	if err != nil {
		return fmt.Errorf("open %s: %w", platform.Redact(c.Store), err)
	}
	defer func() { _ = p.Close() }()
	s, err := server.New(ctx, p, server.Config{
		Addr: c.Addr, Origins: c.Origins, Proxies: proxies, Log: log, Version: version(), OpenIntrospection: c.OpenIntrospection,
		Edition: editions[c.HTTPEdition], Trusted: trusted, TrustedOnly: c.TrustedOnly,
		Admin: c.Admin, Metrics: metrics, Tracer: tracer,
		ActorCost: c.ActorCost, AddressCost: c.AddressCost, Connections: c.Connections, AddressConnections: c.AddressConns,
	})
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "linkage %s: %s/graphql, %s/console/, %s/explorer (store %s)\n", version(), s.URL(), s.URL(), s.URL(), platform.Redact(c.Store))
	return s.Serve(ctx)
}

func logger(level string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, fault.New(fault.CodeConfiguration, fault.P("what", "log-level"))
	}
	return slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: l})), nil
}

// manifest reads trusted documents; none without a file.
func manifest(path string) (map[string]string, error) {
	if path == "" {
		return nil, nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("trusted documents: %w", err)
	}
	var documents map[string]string
	if err := json.Unmarshal(raw, &documents); err != nil || len(documents) == 0 {
		return nil, fault.New(fault.CodeConfiguration, fault.P("what", "trusted-documents: "+path+" is no JSON object of id to document"))
	}
	return documents, nil
}

// origins refuses what no browser sends as an Origin: CONFIGURATION.
func origins(list []string) error {
	for _, s := range list {
		u, err := url.Parse(strings.TrimSuffix(s, "/"))
		if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.Scheme+"://"+u.Host != u.String() {
			return fault.New(fault.CodeConfiguration, fault.P("what", "origins: "+s+" is no web origin such as https://board.example"))
		}
	}
	return nil
}

func networks(list []string) ([]netip.Prefix, error) {
	out := make([]netip.Prefix, 0, len(list))
	for _, s := range list {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, fault.New(fault.CodeConfiguration, fault.P("what", s+" is no network such as 10.0.0.0/8"))
		}
		out = append(out, p)
	}
	return out, nil
}
