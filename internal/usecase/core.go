package usecase

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/seal"
	"github.com/fivesociety/linkage/internal/store"
)

// Core is what every noun's service is made with.
type Core struct {
	DB   *store.DB
	Once *store.Once
	Box  *seal.Box        // seals cursors
	Now  func() time.Time // read once a use case
}

// Time is the present moment as use cases see it: UTC, whole milliseconds.
func (c *Core) Time() time.Time { return c.Now().UTC().Truncate(time.Millisecond) }

// Run runs fn as the one unit of work of an operation. With a key a repeat by the
// same actor answers with the ids of the first call and does nothing; the same key
// with another input is IDEMPOTENCY_KEY_REUSED. fn may run several times. input is
// the command; its key is not part of what is compared.
func (c *Core) Run(ctx context.Context, a access.Actor, op, key string, input any, fn func(ctx context.Context) ([]string, error)) ([]string, error) {
	full, hash := "", ""
	if key != "" {
		if _, err := Text(key, 64, true, "input", "idempotencyKey"); err != nil {
			return nil, err
		}
		raw, err := json.Marshal(input)
		if err != nil {
			return nil, fmt.Errorf("hash input of %s: %w", op, err)
		}
		sum := sha256.Sum256(raw)
		full, hash = a.ID+"\x1f"+op+"\x1f"+key, hex.EncodeToString(sum[:])
	}
	ids, _, err := c.Once.Do(ctx, full, hash, fn)
	return ids, err
}

// Note is what the log says of a change by this actor.
func Note(a access.Actor, kind, root, reason string) store.Note {
	return store.Note{Kind: kind, Actor: a.ID, Via: a.Via, OnBehalf: a.OnBehalf, Root: root, Reason: reason}
}

// Relate saves a row whose header has been copied anew from what it belongs to; was is the
// header until then, and the note's kind ends in access.Related. Where only who is barred has
// changed, no reader is shown that anything has; where nothing has, nothing is saved.
func Relate[T any](ctx context.Context, rows *store.Collection[T], t *T, is, was *access.Header, n store.Note) error {
	switch differs, onlyBars := is.Differs(was); {
	case !differs:
		return nil
	case onlyBars:
		return rows.Hush(ctx, t, n)
	}
	return rows.Touch(ctx, t, n)
}

// Notice tells what was saved but deserves a look.
type Notice struct {
	Code string // value of the schema's NoticeCode
	Path []string
}

// Message is the notice in the reader's language.
func (n Notice) Message(ctx context.Context) string {
	return codes.Label(ctx, codes.Notices, n.Code)
}
