package stream_test

import (
	"context"
	"errors"
	"io"
	"testing"

	"go.uber.org/goleak"

	"github.com/fivesociety/linkage/internal/stream"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestWithoutATransportOfOurs(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	events := stream.Of(ctx, func(context.Context) (int, string, error) {
		if n++; n > 3 {
			return 0, "", io.EOF
		}
		return n, "c", nil
	})
	sum := 0
	for v := range events {
		sum += v
	}
	if sum != 6 || stream.ResumeAfter(ctx) != "" {
		t.Fatalf("sum %d", sum)
	}
	stream.End(ctx, errors.New("nobody hears it"))
	endless := stream.Of(ctx, func(context.Context) (int, string, error) { return 1, "", nil })
	<-endless
	cancel()
	for range endless { // it is closed in the end
	}
}
