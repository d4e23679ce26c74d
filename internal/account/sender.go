package account

import (
	"context"
	"log/slog"
	"time"

	"github.com/fivesociety/linkage/internal/codes"
)

// Message is a code on its way to a phone.
type Message struct {
	Phone  string        // E.164, such as +8613800138000
	Code   string        // six digits
	Valid  time.Duration // since it was made
	Locale string        // "zh" or "en": the language to write in
}

// CodeSender is the port to whatever reaches phones. The platform calls it for one
// message at a time a worker, outside of any unit of work and of any request, with a
// ctx of at most SendWithin. It promises:
//
//   - to return when ctx ends at the latest;
//   - to try once: a message that may have left is not sent again by itself, for a
//     person would get two codes;
//   - to keep phone and code out of every log, error and metric: errors say what
//     failed, not for whom;
//   - to be safe for use by several goroutines.
//
// A nil error says that the gateway took the message, not that a phone has it.
type CodeSender interface {
	Send(ctx context.Context, m Message) error
}

// Bounds of sending.
const (
	SendWithin = 10 * time.Second
	outboxSize = 256
	senders    = 4
)

// letter is a message in the outbox, with the moment after which it is worthless.
type letter struct {
	Message
	dies time.Time
}

// post hands a message to the workers without waiting, so that asking for a code
// takes the same time whether or not anybody gets one. When the outbox is full the
// message is dropped: the person asks again.
func (s *Service) post(ctx context.Context, phone, code string, now time.Time) {
	select {
	case s.outbox <- letter{Message{phone, code, phoneFor, codes.Locale(ctx)}, now.Add(phoneFor)}:
	default:
		slog.WarnContext(ctx, "a phone code was dropped: the outbox is full")
	}
}

// Deliver sends codes to phones until ctx ends; then it returns. What is left in the
// outbox is dropped. Without a Sender it returns at once.
func (s *Service) Deliver(ctx context.Context, log *slog.Logger) {
	if s.config.Sender == nil {
		return
	}
	done := make(chan struct{}, senders)
	for range senders {
		go func() {
			defer func() { done <- struct{}{} }()
			s.deliver(ctx, log)
		}()
	}
	for range senders {
		<-done
	}
}

func (s *Service) deliver(ctx context.Context, log *slog.Logger) {
	for {
		select {
		case <-ctx.Done():
			return
		case l := <-s.outbox:
			if !s.core.Now().Before(l.dies) {
				continue
			}
			within, cancel := context.WithTimeout(ctx, SendWithin)
			if err := s.config.Sender.Send(within, l.Message); err != nil && ctx.Err() == nil {
				log.WarnContext(ctx, "a phone code was not sent", "cause", err.Error())
			}
			cancel()
		}
	}
}

// LogSender writes codes to the log instead of sending them. It is for development:
// a platform in production refuses it. The phone is masked even so.
type LogSender struct{ Log *slog.Logger }

var _ CodeSender = LogSender{}

// Send writes the code.
func (l LogSender) Send(ctx context.Context, m Message) error {
	l.Log.InfoContext(ctx, "development: a phone code", "phone", maskPhone(m.Phone), "code", m.Code)
	return nil
}

// DevelopmentOnly says that production refuses this sender.
func (LogSender) DevelopmentOnly() bool { return true }
