package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/fivesociety/linkage/internal/store"
)

// encode makes the stored form of each entry.
func (a *Adapter) encode(entries []*store.Entry) ([]bson.Raw, error) {
	out := make([]bson.Raw, len(entries))
	for i, e := range entries {
		var err error
		if out[i], err = store.EncodeEntry(a.nouns[e.Noun].def, e); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// appendLog adds entries with their stored forms, and their personal parts.
func appendLog(ctx context.Context, run exec, entries []*store.Entry, docs []bson.Raw) error {
	rows, parts := make([][]any, len(entries)), make([][]any, 0, len(entries))
	for i, e := range entries {
		rows[i] = []any{e.Seq, e.At.UnixMilli(), e.Noun, e.ID, e.Root, []byte(docs[i])}
		for n, p := range e.Parts {
			parts = append(parts, []any{e.Seq, n, p.Subject, []byte(p.Body)})
		}
	}
	if err := insert(ctx, run, `INSERT INTO log (seq, at, noun, id, root, doc)`, rows, ""); err != nil {
		return err
	}
	return insert(ctx, run, `INSERT INTO part (seq, n, subject, doc)`, parts, "")
}

// Log reads entries in order of sequence. Entries of nouns that are no longer
// registered are passed over.
func (a *Adapter) Log(ctx context.Context, q store.LogQuery) ([]*store.Entry, error) {
	text, args := logText(q)
	rows, err := a.query(ctx, text, args...)
	if err != nil {
		return nil, a.translate(err)
	}
	out, err := a.scanLog(rows)
	if err != nil {
		return nil, a.translate(err)
	}
	return out, a.translate(a.parts(ctx, out))
}

func logText(q store.LogQuery) (string, []any) {
	conds, args := []string{"seq > ?"}, []any{q.After}
	add := func(cond string, v any) { conds, args = append(conds, cond), append(args, v) }
	if q.Until > 0 {
		add("seq <= ?", q.Until)
	}
	if q.Noun != "" {
		add("noun = ?", q.Noun)
	}
	if q.ID != "" {
		add("id = ?", q.ID)
	}
	if q.Root != "" {
		add("root = ? AND root <> ''", q.Root)
	}
	dir := ""
	if q.Desc {
		dir = " DESC"
	}
	return "SELECT seq, at, noun, doc FROM log WHERE " + strings.Join(conds, " AND ") + " ORDER BY seq" + dir + " LIMIT ?", append(args, q.Limit)
}

func (a *Adapter) scanLog(rows *sql.Rows) ([]*store.Entry, error) {
	defer func() { _ = rows.Close() }()
	var out []*store.Entry
	for rows.Next() {
		var seq, at int64
		var noun string
		var doc []byte
		if err := rows.Scan(&seq, &at, &noun, &doc); err != nil {
			return nil, err
		}
		t := a.nouns[noun]
		if t == nil {
			continue
		}
		e, err := store.DecodeEntry(t.def, doc)
		if err != nil {
			return nil, fmt.Errorf("entry %d: %w", seq, err)
		}
		e.Seq, e.At = seq, time.UnixMilli(at).UTC()
		out = append(out, e)
	}
	return out, rows.Err()
}

// parts adds the personal parts that have not been erased.
func (a *Adapter) parts(ctx context.Context, entries []*store.Entry) error {
	want := map[int64]*store.Entry{}
	var seqs []any
	for _, e := range entries {
		if len(e.Subjects) > 0 {
			want[e.Seq] = e
			seqs = append(seqs, e.Seq)
		}
	}
	for len(seqs) > 0 {
		n := min(len(seqs), chunk)
		some := padded(seqs[:n])
		rows, err := a.query(ctx, "SELECT seq, subject, doc FROM part WHERE seq IN "+marks(len(some))+" ORDER BY seq, n", some...)
		if err != nil {
			return err
		}
		if err := scanParts(rows, want); err != nil {
			return err
		}
		seqs = seqs[n:]
	}
	return nil
}

func scanParts(rows *sql.Rows, want map[int64]*store.Entry) error {
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var seq int64
		var p store.Part
		var doc []byte
		if err := rows.Scan(&seq, &p.Subject, &doc); err != nil {
			return err
		}
		p.Body = bson.Raw(doc)
		want[seq].Parts = append(want[seq].Parts, p)
	}
	return rows.Err()
}
