package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/fivesociety/linkage/internal/store"
)

// chunk keeps IN lists far below the engine's bound of 32,766 variables.
const chunk = 512

type viewKey struct{}

// View runs fn with all reads on one connection inside one read transaction.
func (a *Adapter) View(ctx context.Context, fn func(ctx context.Context) error) error {
	tx, err := a.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return a.translate(err)
	}
	defer func() { _ = tx.Rollback() }()
	var seq int64 // the first read fixes the moment
	if err := tx.QueryRowContext(ctx, `SELECT seq FROM setting`).Scan(&seq); err != nil {
		return a.translate(err)
	}
	return fn(context.WithValue(ctx, viewKey{}, tx))
}

// maxPrepared bounds the statements that are kept: filters of users make new texts.
const maxPrepared = 1000

// prepared gives the kept statement for a text and makes it if there is room; nil
// when there is none. A view must not make one: it would wait for a second
// connection while it holds the first.
func (a *Adapter) prepared(ctx context.Context, text string, make bool) (*sql.Stmt, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	st, ok := a.stmts[text]
	if ok || !make || len(a.stmts) >= maxPrepared {
		return st, nil
	}
	a.mu.Unlock()
	made, err := a.read.PrepareContext(ctx, text)
	a.mu.Lock()
	if err != nil {
		return nil, err
	}
	if st, ok = a.stmts[text]; ok { // another was quicker
		return st, made.Close()
	}
	a.stmts[text] = made
	return made, nil
}

func (a *Adapter) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	tx, inView := ctx.Value(viewKey{}).(*sql.Tx)
	st, err := a.prepared(ctx, text, !inView)
	switch {
	case err != nil:
		return nil, err
	case st != nil && inView:
		return tx.StmtContext(ctx, st).QueryContext(ctx, args...)
	case st != nil:
		return st.QueryContext(ctx, args...)
	case inView:
		return tx.QueryContext(ctx, text, args...)
	}
	return a.read.QueryContext(ctx, text, args...)
}

// row reads the first row of a query into dest; sql.ErrNoRows when there is none.
func (a *Adapter) row(ctx context.Context, text string, args []any, dest ...any) error {
	rows, err := a.query(ctx, text, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	if rows.Next() {
		return rows.Scan(dest...)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return sql.ErrNoRows
}

// Get reads objects by id. Guards have a revision and nothing else.
func (a *Adapter) Get(ctx context.Context, noun string, ids []string) ([]store.Record, error) {
	var out []store.Record
	for len(ids) > 0 {
		n := min(len(ids), chunk)
		part, err := a.get(ctx, noun, padded(ids[:n]))
		if err != nil {
			return nil, a.translate(err)
		}
		out, ids = append(out, part...), ids[n:]
	}
	return out, nil
}

func (a *Adapter) get(ctx context.Context, noun string, ids []string) ([]store.Record, error) {
	t := a.nouns[noun]
	text := "SELECT id, revision FROM guard AS t WHERE id IN "
	if t != nil {
		text = "SELECT " + t.list + " FROM " + t.name + " AS t WHERE t.id IN "
	}
	rows, err := a.query(ctx, text+marks(len(ids)), anys(ids)...)
	if err != nil {
		return nil, err
	}
	return scanRecords(rows, t)
}

func marks(n int) string { return "(?" + strings.Repeat(", ?", n-1) + ")" }

func anys(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

// Find walks one index in order.
func (a *Adapter) Find(ctx context.Context, s store.Scan) ([]store.Record, error) {
	t := a.nouns[s.Noun.Name]
	text, args := t.walk(s)
	rows, err := a.query(ctx, text, args...)
	if err != nil {
		return nil, a.translate(err)
	}
	out, err := scanFound(rows, s)
	return out, a.translate(err)
}

// Counts reads at most limit keys of a side table for each element, and stops at one
// that few hold.
func (a *Adapter) Counts(ctx context.Context, noun *store.Definition, field string, elements []string, limit, enough int) ([]int, error) {
	t := a.nouns[noun.Name]
	text := "SELECT count(*) FROM (SELECT 1 FROM " + t.side([]string{field}) + " WHERE " + column(field) + " = ? LIMIT ?)"
	var out []int
	for _, element := range elements {
		var n int
		if err := a.row(ctx, text, []any{element, int64(limit)}, &n); err != nil {
			return nil, translate(err)
		}
		if out = append(out, n); n < enough {
			break
		}
	}
	return out, nil
}

// scanFound reads what a walk selects: a record with the sort key instead of all values.
func scanFound(rows *sql.Rows, s store.Scan) ([]store.Record, error) {
	defer func() { _ = rows.Close() }()
	out := make([]store.Record, 0, min(s.Limit, 64))
	for rows.Next() {
		var r store.Record
		var body sql.RawBytes
		dest := []any{&r.ID, &r.Version, &r.Revision, &r.Shape, &body, &r.Key}
		if s.Sort == "" {
			dest = dest[:5]
		}
		if err := rows.Scan(dest...); err != nil {
			return nil, err
		}
		r.Body = bson.Raw(bytes.Clone(body))
		out = append(out, r)
	}
	return out, rows.Err()
}

func scanRecords(rows *sql.Rows, t *table) ([]store.Record, error) {
	defer func() { _ = rows.Close() }()
	var out []store.Record
	for rows.Next() {
		var r store.Record
		var err error
		if t == nil {
			err = rows.Scan(&r.ID, &r.Revision)
		} else {
			err = t.scan(rows, &r)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

func (t *table) scan(rows *sql.Rows, r *store.Record) error {
	r.Values = make(store.Values, len(t.columns))
	var body []byte
	dest := make([]any, 0, len(t.columns)+5)
	dest = append(dest, &r.ID, &r.Version, &r.Revision, &r.Shape, &body)
	for i := range r.Values {
		dest = append(dest, &r.Values[i])
	}
	if err := rows.Scan(dest...); err != nil {
		return err
	}
	r.Body = bson.Raw(body)
	for i, f := range t.def.Fields {
		v, err := settle(f.Kind, r.Values[i])
		if err != nil {
			return err
		}
		r.Values[i] = v
	}
	return nil
}

// settle turns a column back into a declared value.
func settle(k store.Kind, v any) (any, error) {
	if b, ok := v.([]byte); ok {
		v = string(b)
	}
	if k != store.Texts && k != store.Terms {
		return v, nil
	}
	text, _ := v.(string)
	list := []string{}
	err := json.Unmarshal([]byte(text), &list)
	return list, err
}
