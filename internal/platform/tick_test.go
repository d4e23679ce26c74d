package platform

import (
	"context"
	"errors"
	"testing"

	"github.com/fivesociety/linkage/internal/access"
)

func TestAChoreThatFailsKeepsNoOtherFromItsTurn(t *testing.T) {
	t.Parallel()
	first, last, done := errors.New("first"), errors.New("last"), 0
	say := func(err error) func(context.Context, access.Actor) (int, error) {
		return func(_ context.Context, a access.Actor) (int, error) {
			if a.IsSystem() {
				done++
			}
			return 0, err
		}
	}
	err := work(context.Background(), []chore{{"one", say(first)}, {"two", say(nil)}, {"three", say(last)}})
	if done != 3 || !errors.Is(err, first) || !errors.Is(err, last) || err.Error() != "one: first\nthree: last" {
		t.Errorf("%d done: %v", done, err)
	}
}
