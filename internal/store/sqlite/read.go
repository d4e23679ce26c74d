package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/fivesociety/linkage/internal/store"
)

// chunk keeps IN lists far below the engine's bound of 32,766 variables.
const chunk = 500

type viewKey struct{}

// View runs fn with all reads on one connection inside one read transaction.
func (a *Adapter) View(ctx context.Context, fn func(ctx context.Context) error) error {
	tx, err := a.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return translate(err)
	}
	defer func() { _ = tx.Rollback() }()
	var seq int64 // the first read fixes the moment
	if err := tx.QueryRowContext(ctx, `SELECT seq FROM setting`).Scan(&seq); err != nil {
		return translate(err)
	}
	return fn(context.WithValue(ctx, viewKey{}, tx))
}

// prepared gives the statement for a text, on the view's transaction if there is one.
func (a *Adapter) prepared(ctx context.Context, text string) (*sql.Stmt, error) {
	a.mu.Lock()
	st, ok := a.stmts[text]
	a.mu.Unlock()
	if !ok {
		made, err := a.read.PrepareContext(ctx, text)
		if err != nil {
			return nil, err
		}
		a.mu.Lock()
		if st, ok = a.stmts[text]; ok {
			defer func() { _ = made.Close() }()
		} else {
			a.stmts[text], st = made, made
		}
		a.mu.Unlock()
	}
	if tx, ok := ctx.Value(viewKey{}).(*sql.Tx); ok {
		return tx.StmtContext(ctx, st), nil
	}
	return st, nil
}

func (a *Adapter) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	st, err := a.prepared(ctx, text)
	if err != nil {
		return nil, err
	}
	return st.QueryContext(ctx, args...)
}

// scanner is a row or the error of getting one.
type scanner struct {
	row *sql.Row
	err error
}

func (s scanner) Scan(dest ...any) error {
	if s.err != nil {
		return s.err
	}
	return s.row.Scan(dest...)
}

func (a *Adapter) row(ctx context.Context, text string, args ...any) scanner {
	st, err := a.prepared(ctx, text)
	if err != nil {
		return scanner{err: err}
	}
	return scanner{row: st.QueryRowContext(ctx, args...)}
}

// Get reads objects by id. Guards have a revision and nothing else.
func (a *Adapter) Get(ctx context.Context, noun string, ids []string) ([]store.Record, error) {
	var out []store.Record
	for len(ids) > 0 {
		n := min(len(ids), chunk)
		part, err := a.get(ctx, noun, ids[:n])
		if err != nil {
			return nil, translate(err)
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
		return nil, translate(err)
	}
	out, err := scanRecords(rows, t)
	return out, translate(err)
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

// Plan explains a scan.
func (a *Adapter) Plan(ctx context.Context, s store.Scan) (store.Plan, error) {
	t := a.nouns[s.Noun.Name]
	text, args := t.walk(s)
	rows, err := a.query(ctx, "EXPLAIN QUERY PLAN "+text, args...)
	if err != nil {
		return store.Plan{}, translate(err)
	}
	defer func() { _ = rows.Close() }()
	p := store.Plan{Index: strings.Join(s.Index, "_")}
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			return p, translate(err)
		}
		p.Text += detail + "\n"
		p.Sorts = p.Sorts || strings.Contains(detail, "TEMP B-TREE")
		p.FullScan = p.FullScan || (strings.HasPrefix(detail, "SCAN") && !strings.Contains(detail, "USING") && !strings.Contains(detail, "json_each"))
	}
	return p, translate(rows.Err())
}
