package server

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/feed"
	"github.com/fivesociety/linkage/internal/store"
	feeds "github.com/fivesociety/linkage/internal/stream"
	"github.com/fivesociety/linkage/server/live"
)

// Metrics counts what a process does, for Prometheus. No label comes from a client: they
// are fields of the schema, error codes, statuses, calls of the store. It is also the
// gqlgen extension that counts operations. Make one with NewMetrics for each process.
type Metrics struct {
	registry   *prometheus.Registry
	operations *prometheus.CounterVec
	seconds    *prometheus.HistogramVec
	cost       *prometheus.CounterVec
	events     *prometheus.CounterVec
	requests   *prometheus.CounterVec
	refused    *prometheus.CounterVec
	store      *prometheus.HistogramVec
	failures   *prometheus.CounterVec
}

var (
	_ graphql.HandlerExtension     = (*Metrics)(nil)
	_ graphql.OperationInterceptor = (*Metrics)(nil)
	_ graphql.ResponseInterceptor  = (*Metrics)(nil)
)

// NewMetrics makes empty ones.
func NewMetrics() *Metrics {
	m := &Metrics{
		registry:   prometheus.NewRegistry(),
		operations: counter("operations_total", "Operations answered, by type, root field (several, none) and outcome (ok or the first error's code).", "type", "field", "outcome"),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "linkage_operation_seconds", Help: "From the operation's arrival to its answer.", Buckets: buckets(0.001), // to 8 s
		}, []string{"type"}),
		cost:     counter("operation_cost_total", "Cost of the operations that ran, as in extensions.cost.", "type"),
		events:   counter("events_total", "Events executed for subscribers, by root field and outcome.", "field", "outcome"),
		requests: counter("http_requests_total", "HTTP requests by status, 101 for websockets.", "status"),
		refused:  counter("connections_refused_total", "Websockets and streams of events that were refused, by the bound that is reached: process or address.", "bound"),
		store: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "linkage_store_seconds", Help: "Calls of the store by what they do.", Buckets: buckets(0.0001), // to 0.8 s
		}, []string{"call"}),
		failures: counter("store_failures_total", "Calls of the store that failed, by what they do.", "call"),
	}
	m.registry.MustRegister(m.operations, m.seconds, m.cost, m.events, m.requests, m.refused, m.store, m.failures,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func buckets(from float64) []float64 { return prometheus.ExponentialBuckets(from, 2, 14) }

func counter(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "linkage_" + name, Help: help}, labels)
}

// ExtensionName names the extension for gqlgen.
func (*Metrics) ExtensionName() string { return "Metrics" }

// Validate has nothing to check.
func (*Metrics) Validate(graphql.ExecutableSchema) error { return nil }

// InterceptOperation counts the cost, and that a subscription begins, or that its source
// has refused it, which no response interceptor is told of.
func (m *Metrics) InterceptOperation(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	op := graphql.GetOperationContext(ctx)
	kind := string(op.Operation.Operation)
	if bill, ok := op.Stats.GetExtension(billed).(spent); ok {
		m.cost.WithLabelValues(kind).Add(float64(bill.Requested))
	}
	responses := next(ctx)
	if op.Operation.Operation != ast.Subscription {
		return responses
	}
	begun := feeds.Shared(ctx)
	if begun {
		m.operations.WithLabelValues(kind, rootOf(op), "ok").Inc()
	}
	return func(ctx context.Context) *graphql.Response {
		resp := responses(ctx)
		if !begun {
			begun = true
			outcome := "ok"
			if resp != nil && len(resp.Data) == 0 && len(resp.Errors) > 0 {
				outcome = known(code(resp.Errors[0]))
			}
			m.operations.WithLabelValues(kind, rootOf(op), outcome).Inc()
		}
		return resp
	}
}

// InterceptResponse counts one answer, or one event.
func (m *Metrics) InterceptResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	resp := next(ctx)
	if resp == nil || !graphql.HasOperationContext(ctx) {
		return resp
	}
	op, outcome := graphql.GetOperationContext(ctx), "ok"
	if len(resp.Errors) > 0 {
		outcome = known(code(resp.Errors[0]))
	}
	switch {
	case op.Operation == nil:
		m.operations.WithLabelValues("none", "none", outcome).Inc()
	case op.Operation.Operation == ast.Subscription && len(resp.Data) > 0:
		m.events.WithLabelValues(rootOf(op), outcome).Inc()
	default:
		kind := string(op.Operation.Operation)
		m.operations.WithLabelValues(kind, rootOf(op), outcome).Inc()
		m.seconds.WithLabelValues(kind).Observe(time.Since(op.Stats.OperationStart).Seconds())
	}
	return resp
}

// known is a code that there is, so that labels are few.
func known(code string) string {
	if fault.Known(fault.Code(code)) || strings.HasPrefix(code, "GRAPHQL_") || code == notPersistedCode {
		return code
	}
	return "OTHER"
}

// rootOf is the root field of a valid operation, "several" of more than one.
func rootOf(op *graphql.OperationContext) string {
	names := roots(op.Doc, op.Operation.SelectionSet, nil)
	switch {
	case len(names) == 0:
		return "none"
	case len(names) > 1:
		return "several"
	}
	return names[0]
}

func roots(doc *ast.QueryDocument, set ast.SelectionSet, names []string) []string {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			if !slices.Contains(names, s.Name) {
				names = append(names, s.Name)
			}
		case *ast.InlineFragment:
			names = roots(doc, s.SelectionSet, names)
		case *ast.FragmentSpread:
			names = roots(doc, doc.Fragments.ForName(s.Name).SelectionSet, names)
		}
	}
	return names
}

// answered counts an HTTP request.
func (m *Metrics) answered(status int) { m.requests.WithLabelValues(strconv.Itoa(status)).Inc() }

// turnedAway counts a connection that was refused.
func (m *Metrics) turnedAway(bound string) { m.refused.WithLabelValues(bound).Inc() }

// Adapter is an engine whose calls are timed.
func (m *Metrics) Adapter(a store.Adapter) store.Adapter { return metered{a, m} }

type metered struct {
	store.Adapter
	metrics *Metrics
}

// time starts the clock and the span of a call; what it returns stops both.
func (a metered) time(ctx context.Context, call string) (context.Context, func(error)) {
	from := time.Now()
	ctx, span := spanOf(ctx, call)
	return ctx, func(err error) {
		span.End()
		a.metrics.store.WithLabelValues(call).Observe(time.Since(from).Seconds())
		if err != nil {
			a.metrics.failures.WithLabelValues(call).Inc()
		}
	}
}

func (a metered) Get(ctx context.Context, noun string, ids []string) (out []store.Record, err error) {
	ctx, done := a.time(ctx, "get")
	defer func() { done(err) }()
	return a.Adapter.Get(ctx, noun, ids)
}

func (a metered) Find(ctx context.Context, scan store.Scan) (out []store.Record, err error) {
	ctx, done := a.time(ctx, "find")
	defer func() { done(err) }()
	return a.Adapter.Find(ctx, scan)
}

func (a metered) Commit(ctx context.Context, batch *store.Batch) (err error) {
	ctx, done := a.time(ctx, "commit")
	defer func() { done(err) }()
	return a.Adapter.Commit(ctx, batch)
}

func (a metered) Log(ctx context.Context, q store.LogQuery) (out []*store.Entry, err error) {
	ctx, done := a.time(ctx, "log")
	defer func() { done(err) }()
	return a.Adapter.Log(ctx, q)
}

// gauges are what is asked when somebody looks.
type gauges struct {
	db     *store.DB
	hub    *feed.Hub
	socket *live.Transport
}

var (
	connections   = gauge("connections", "Open connections by wire: websocket or events.", "wire")
	subscriptions = gauge("subscriptions", "Subscriptions that run on them.")
	groups        = gauge("feed_groups", "Groups of subscriptions with one document, for each of which an event is executed once a look.")
	readers       = gauge("feed_members", "Readers of the feed.")
	queued        = gauge("queued_bytes", "Bytes that wait for slow readers.")
	cuts          = gauge("slow_readers_cut_total", "Connections that were closed because their reader was too slow.")
	lag           = gauge("log_lag_entries", "Committed log entries that this process has not routed yet.")
	logEnd        = gauge("log_entries", "Sequence of the last log entry.")
)

func gauge(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("linkage_"+name, help, labels, nil)
}

// Describe names what Collect gives.
func (gauges) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{connections, subscriptions, groups, readers, queued, cuts, lag, logEnd} {
		to <- d
	}
}

// Collect reads the present values; those of the log are left out while the store can't be
// read.
func (g gauges) Collect(to chan<- prometheus.Metric) {
	give := func(d *prometheus.Desc, v float64, labels ...string) {
		kind := prometheus.GaugeValue
		if d == cuts {
			kind = prometheus.CounterValue
		}
		to <- prometheus.MustNewConstMetric(d, kind, v, labels...)
	}
	s := g.socket.Stats()
	give(connections, float64(s.Websockets), "websocket")
	give(connections, float64(s.EventStreams), "events")
	give(subscriptions, float64(s.Subscriptions))
	give(groups, float64(s.Groups))
	give(queued, float64(s.QueuedBytes))
	give(cuts, float64(s.SlowCuts))
	following, seq := g.hub.Stats()
	give(readers, float64(following))
	ctx, cancel := context.WithTimeout(context.Background(), readyWithin)
	defer cancel()
	if end, _, err := g.db.LogEnd(ctx); err == nil {
		give(logEnd, float64(end))
		give(lag, float64(max(0, end-seq)))
	}
}
