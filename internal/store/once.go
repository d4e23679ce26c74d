package store

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/fault"
)

// Receipt is what is kept of a call made with an idempotency key.
type Receipt struct {
	Head   `bson:",inline"`
	Hash   string   `bson:"hash"`
	Result []string `bson:"result"` // ids of the objects the call made or changed
}

// ReceiptsKept is how long a receipt is kept: a repeat within this time gets the first
// call's result, a later one is a new call.
const ReceiptsKept = 7 * 24 * time.Hour

// tidyBatch is how many receipts go in one unit, and tidyBatches how many units one
// Tidy makes: it shares the committer with people who wait.
const (
	tidyBatch   = 200
	tidyBatches = 25
)

// Once makes calls idempotent: the first call with a key runs, a repeat gets the
// first one's result without running.
type Once struct {
	db   *DB
	rows *Collection[Receipt]
	kept *Once // whose receipts no Tidy takes
}

// NewOnce registers the receipts. Call it before Start.
func NewOnce(db *DB) *Once {
	o := receipts(db, "receipt", Spec[Receipt]{
		Fields:  []Field[Receipt]{{Name: "created", Kind: Int, Get: func(r *Receipt) any { return r.CreatedAt }}},
		Indexes: [][]string{{"created"}},
		Queries: []Shape{{Sort: "created"}},
	})
	o.kept = receipts(db, "imported", Spec[Receipt]{}) // found by key alone
	return o
}

// Kept remembers for good: for calls that may be repeated after years, as the rows of
// an imported file are.
func (o *Once) Kept() *Once { return o.kept }

func receipts(db *DB, name string, spec Spec[Receipt]) *Once {
	spec.Name = name
	return &Once{db: db, rows: Register(db, spec)}
}

// Expect reads the receipts of many keys at once, in the unit of ctx, so that Do need
// not read each.
func (o *Once) Expect(ctx context.Context, keys []string) error {
	_, err := o.rows.GetMany(ctx, keys)
	return err
}

// Done answers with the result of a call that was made with this key and hash.
func (o *Once) Done(ctx context.Context, key, hash string) (result []string, ok bool, err error) {
	found, err := o.rows.GetMany(ctx, []string{key})
	if r := found[key]; err == nil && r != nil && r.Hash == hash {
		return r.Result, true, nil
	}
	return nil, false, err
}

// Do runs fn in a unit of work unless key has been used: then it answers with the
// first result and again = true. The key names actor and operation; another hash
// under the same key is IDEMPOTENCY_KEY_REUSED. An empty key always runs.
func (o *Once) Do(ctx context.Context, key, hash string, fn func(ctx context.Context) ([]string, error)) (result []string, again bool, err error) {
	err = o.db.Tx(ctx, func(ctx context.Context) error {
		result, again = nil, false
		if key == "" {
			result, err = fn(ctx)
			return err
		}
		found, err := o.rows.GetMany(ctx, []string{key})
		if err != nil {
			return err
		}
		if r, ok := found[key]; ok {
			if r.Hash != hash {
				return fault.New(fault.CodeIdempotencyKeyReused, fault.At("input", "idempotencyKey"))
			}
			result, again = r.Result, true
			return nil
		}
		if result, err = fn(ctx); err != nil {
			return err
		}
		return o.rows.Insert(ctx, &Receipt{Head: Head{ID: key}, Hash: hash, Result: result}, Note{})
	})
	return result, again, err
}

// Tidy deletes receipts of calls made before a time, oldest first, and says how many:
// at most 5,000 a call; the next call goes on.
func (o *Once) Tidy(ctx context.Context, before time.Time) (int, error) {
	sum := 0
	for range tidyBatches {
		n, err := o.tidy(ctx, before)
		if sum += n; err != nil || n < tidyBatch {
			return sum, err
		}
	}
	return sum, nil
}

func (o *Once) tidy(ctx context.Context, before time.Time) (n int, err error) {
	page, err := o.rows.Find(ctx, Query{Sort: "created", Limit: tidyBatch})
	if err != nil {
		return 0, err
	}
	var old []string
	for _, r := range page.Items {
		if r.CreatedAt.Before(before) {
			old = append(old, r.ID)
		}
	}
	if len(old) == 0 {
		return 0, nil
	}
	err = o.db.Tx(ctx, func(ctx context.Context) error {
		there, err := o.rows.GetMany(ctx, old) // another process tidies as well
		if err != nil {
			return err
		}
		n = len(there)
		for id := range there {
			if err := o.rows.Delete(ctx, id, Note{}); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}
