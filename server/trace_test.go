package server

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/fivesociety/linkage/internal/fault"
)

// Not parallel: the variables are the process's.
func TestTracesGoWhereTheStandardVariablesSay(t *testing.T) {
	var mu sync.Mutex
	var got bytes.Buffer
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		_, _ = io.Copy(&got, r.Body)
	}))
	defer collector.Close()
	for _, off := range []map[string]string{{}, {"OTEL_TRACES_EXPORTER": "none"}, {"OTEL_SDK_DISABLED": "true"}} {
		for name, value := range off {
			t.Setenv(name, value)
			t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.URL)
		}
		if tracer, _, err := Tracer(t.Context(), "v"); tracer != nil || err != nil {
			t.Errorf("%v: %v %v", off, tracer, err)
		}
	}
	t.Setenv("OTEL_SDK_DISABLED", "")
	t.Setenv("OTEL_TRACES_EXPORTER", "zipkin")
	if _, _, err := Tracer(t.Context(), "v"); fault.CodeOf(err) != fault.CodeConfiguration {
		t.Errorf("an exporter that there is not: %v", err)
	}
	t.Setenv("OTEL_TRACES_EXPORTER", "otlp")
	t.Setenv("OTEL_SERVICE_NAME", "county-linkage")
	tracer, flush, err := Tracer(t.Context(), "v9")
	must(t, err)
	f := served(t, HTTP{}, func(f *face) error { f.tracer = tracer; return nil })
	f.query(t, "query Confidential{who}", "Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	f.query(t, "{nosuch}")
	must(t, flush(t.Context()))
	mu.Lock()
	defer mu.Unlock()
	for _, want := range []string{"query who", "none none", "GRAPHQL_VALIDATION_FAILED", "county-linkage", "v9", "\x0a\xf7\x65\x19\x16\xcd\x43\xdd\x84\x48\xeb\x21\x1c\x80\x31\x9c"} {
		if !bytes.Contains(got.Bytes(), []byte(want)) {
			t.Errorf("the spans lack %q", want)
		}
	}
	if bytes.Contains(got.Bytes(), []byte("Confidential")) {
		t.Error("a client's name for its operation is told")
	}
}
