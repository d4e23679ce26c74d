package play

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Run plays the thread. It answers with ErrDiffers when a step was not as it should
// be, and with another error when it could not go on.
func Run(ctx context.Context, c Config) error {
	if c.Client == nil {
		c.Client = http.DefaultClient
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	s := &stage{Config: c, lines: map[string]string{}, run: strconv.FormatInt(c.Now().UnixMilli(), 36)}
	leave, err := s.watch(ctx)
	if err != nil {
		return err
	}
	defer leave()
	for _, act := range []func(context.Context) error{
		s.drafts, s.submits, s.enters, s.triages, s.takesOn, s.blinded,
		s.plans, s.proposes, s.holds, s.commits, s.leads, s.weighs, s.offers, s.arranges,
		s.dispatches, s.serves, s.verifies, s.delivers, s.confirms, s.closes, s.others,
	} {
		if err := act(ctx); err != nil {
			return fmt.Errorf("scene %d: %w", s.scene, err)
		}
	}
	if s.differs > 0 {
		return fmt.Errorf("%w (%d)", ErrDiffers, s.differs)
	}
	_, _ = fmt.Fprintln(c.Out, "\n"+s.pick("演示完成，每一步都与预期一致。", "The play is over; every step was as it should be."))
	return nil
}

// see reads the play's request as an actor does.
func (s *stage) see(ctx context.Context, actor string) (answer, error) {
	a, err := s.ask(ctx, actor, "request", map[string]any{"id": s.request})
	return a.at("serviceRequest"), err
}

// refresh reads the request's version, which others may have moved.
func (s *stage) refresh(ctx context.Context, actor string) error {
	r, err := s.see(ctx, actor)
	s.moved(r)
	return err
}

// moment is a time as the API takes it.
func moment(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// window is a span of time as the API takes it.
func window(from time.Time, length time.Duration) map[string]any {
	return map[string]any{"from": moment(from), "to": moment(from.Add(length))}
}

// quantity is an amount as the API takes it.
func quantity(value int, unit string) map[string]any {
	return map[string]any{"value": fmt.Sprint(value), "unit": unit}
}
