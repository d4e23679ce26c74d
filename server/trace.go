package server

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	tracesdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/fivesociety/linkage/internal/fault"
)

// tracing names the spans' maker.
const tracing = "github.com/fivesociety/linkage/server"

// Tracer sends spans to where the standard variables of OpenTelemetry say
// (OTEL_EXPORTER_OTLP_ENDPOINT and its kin, OTEL_TRACES_SAMPLER, OTEL_SERVICE_NAME, …),
// over OTLP by HTTP; nil if they name no place, or OTEL_SDK_DISABLED is true. The caller
// calls flush once nothing more comes. An exporter that is not otlp or none is
// CONFIGURATION_INVALID.
func Tracer(ctx context.Context, version string) (t trace.Tracer, flush func(context.Context) error, err error) {
	to := os.Getenv("OTEL_TRACES_EXPORTER")
	placed := os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") != "" || os.Getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") != ""
	off := strings.EqualFold(os.Getenv("OTEL_SDK_DISABLED"), "true")
	switch {
	case off, to == "none", to == "" && !placed:
		return nil, func(context.Context) error { return nil }, nil
	case to != "" && to != "otlp":
		return nil, nil, fault.New(fault.CodeConfiguration, fault.P("what", "OTEL_TRACES_EXPORTER: otlp or none"))
	}
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("traces: %w", err)
	}
	from, err := resource.Merge(resource.NewSchemaless(attribute.String("service.name", "linkage"), attribute.String("service.version", version)), resource.Environment())
	if err != nil {
		return nil, nil, fmt.Errorf("traces: %w", err)
	}
	p := tracesdk.NewTracerProvider(tracesdk.WithBatcher(exporter), tracesdk.WithResource(from))
	return p.Tracer(tracing), p.Shutdown, nil
}

// Traces is the gqlgen extension that makes a span of each answer and each event, as a
// part of the caller's trace (traceparent). Like metrics it says what and never who: type,
// root field, cost, the first error's code.
type Traces struct{ Tracer trace.Tracer }

var (
	_ graphql.HandlerExtension    = Traces{}
	_ graphql.ResponseInterceptor = Traces{}
)

// ExtensionName names the extension for gqlgen.
func (Traces) ExtensionName() string { return "Traces" }

// Validate has nothing to check.
func (Traces) Validate(graphql.ExecutableSchema) error { return nil }

// InterceptResponse makes the span.
func (t Traces) InterceptResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	if !graphql.HasOperationContext(ctx) {
		return next(ctx)
	}
	op, kind, field := graphql.GetOperationContext(ctx), "none", "none"
	if op.Operation != nil {
		kind, field = string(op.Operation.Operation), rootOf(op)
	}
	ctx = propagation.TraceContext{}.Extract(ctx, propagation.HeaderCarrier(op.Headers))
	ctx, span := t.Tracer.Start(ctx, kind+" "+field, trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(
		attribute.String("graphql.operation.type", kind), attribute.String("linkage.request", RequestID(ctx))))
	defer span.End()
	if bill, ok := op.Stats.GetExtension(billed).(spent); ok {
		span.SetAttributes(attribute.Int("linkage.cost", bill.Requested))
	}
	resp := next(ctx)
	if resp != nil && len(resp.Errors) > 0 {
		span.SetStatus(codes.Error, known(code(resp.Errors[0])))
	}
	return resp
}

// spanOf is a span of a call of the store, if a trace wants it.
func spanOf(ctx context.Context, call string) (context.Context, trace.Span) {
	return trace.SpanFromContext(ctx).TracerProvider().Tracer(tracing).Start(ctx, "store "+call)
}
