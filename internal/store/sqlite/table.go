package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/fivesociety/linkage/internal/store"
)

var baseTables = []string{
	`CREATE TABLE IF NOT EXISTS setting (format INTEGER NOT NULL, code TEXT NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL, batch INTEGER NOT NULL)`,
	`CREATE TABLE IF NOT EXISTS noun (name TEXT PRIMARY KEY, digest TEXT NOT NULL) WITHOUT ROWID`,
	`CREATE TABLE IF NOT EXISTS guard (id TEXT PRIMARY KEY, revision INTEGER NOT NULL) WITHOUT ROWID`,
	`CREATE TABLE IF NOT EXISTS claim (key TEXT PRIMARY KEY, owner TEXT NOT NULL) WITHOUT ROWID`,
	`CREATE TABLE IF NOT EXISTS tally (name TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID`,
	`CREATE TABLE IF NOT EXISTS log (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, noun TEXT NOT NULL, id TEXT NOT NULL, root TEXT NOT NULL, doc BLOB NOT NULL)`,
	`CREATE INDEX IF NOT EXISTS log_object ON log (noun, id, seq)`,
	`CREATE INDEX IF NOT EXISTS log_root ON log (root, seq) WHERE root <> ''`,
	`CREATE TABLE IF NOT EXISTS part (seq INTEGER NOT NULL, n INTEGER NOT NULL, subject TEXT NOT NULL, doc BLOB NOT NULL, PRIMARY KEY (seq, n)) WITHOUT ROWID`,
	`CREATE INDEX IF NOT EXISTS part_subject ON part (subject)`,
}

// table knows the SQL names of one noun.
type table struct {
	def     *store.Definition
	name    string
	columns []string // of the declared fields
	sides   [][]string
	insert  string // up to the values of new rows
	replace string // behind them: an id that is there is overwritten
	list    string // select list of a record
}

func newTable(d *store.Definition) *table {
	t := &table{def: d, name: quote("t_" + d.Name)}
	for _, f := range d.Fields {
		t.columns = append(t.columns, column(f.Name))
	}
	for _, ix := range d.Indexes {
		if t.array(ix) >= 0 {
			t.sides = append(t.sides, ix)
		}
	}
	all := append([]string{"id", "version", "revision", "shape", "doc"}, t.columns...)
	t.insert = "INSERT INTO " + t.name + " (" + strings.Join(all, ", ") + ")"
	t.replace = " ON CONFLICT (id) DO UPDATE SET " + updates(all[1:])
	t.list = "t." + strings.Join(all, ", t.")
	return t
}

func updates(columns []string) string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = c + " = excluded." + c
	}
	return strings.Join(out, ", ")
}

// array is the place of an index's array field, -1 when it has none.
func (t *table) array(index []string) int {
	for i, name := range index {
		if k := t.def.Fields[t.def.Position(name)].Kind; k == store.Texts || k == store.Terms {
			return i
		}
	}
	return -1
}

func (t *table) side(index []string) string {
	return quote("s_" + t.def.Name + "_" + strings.Join(index, "_"))
}

func (t *table) index(index []string) string {
	return quote("i_" + t.def.Name + "_" + strings.Join(index, "_"))
}

func quote(name string) string  { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
func column(name string) string { return quote("f_" + name) }

var sqlTypes = map[store.Kind]string{store.Text: "TEXT", store.Int: "INTEGER", store.Real: "REAL", store.Texts: "TEXT", store.Terms: "TEXT"}

// lay makes a noun's tables, or makes them anew when its fields or indexes changed.
func (a *Adapter) lay(ctx context.Context, t *table) error {
	digest := ""
	err := a.writer.drain(ctx, `SELECT digest FROM noun WHERE name = ?`, func(r *sql.Rows) error { return r.Scan(&digest) }, t.def.Name)
	if err != nil || digest == t.def.Digest() {
		return err
	}
	var rows []store.Record
	if digest != "" {
		if rows, err = a.takeOut(ctx, t); err != nil {
			return err
		}
	}
	for _, ddl := range t.ddl() {
		if err := a.writer.exec(ctx, ddl); err != nil {
			return err
		}
	}
	for i := range rows {
		if err := t.add(ctx, a.writer.exec, &rows[i]); err != nil {
			return err
		}
	}
	return a.writer.exec(ctx, `INSERT OR REPLACE INTO noun (name, digest) VALUES (?, ?)`, t.def.Name, t.def.Digest())
}

// takeOut reads a noun's rows with newly computed values and drops its tables.
func (a *Adapter) takeOut(ctx context.Context, t *table) ([]store.Record, error) {
	var out []store.Record
	err := a.writer.drain(ctx, "SELECT id, version, revision, shape, doc FROM "+t.name, func(rows *sql.Rows) error {
		var r store.Record
		var body []byte
		err := rows.Scan(&r.ID, &r.Version, &r.Revision, &r.Shape, &body)
		if err != nil {
			return err
		}
		r.Body = bson.Raw(body)
		r.Values, err = a.setup.Values(t.def.Name, r.Shape, r.Body)
		out = append(out, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, a.dropTables(ctx, t.def.Name)
}

func (a *Adapter) dropTables(ctx context.Context, noun string) error {
	var names []string
	err := a.writer.drain(ctx, `SELECT name FROM sqlite_master WHERE type = 'table' AND (name = 't_' || ?1 OR substr(name, 1, length(?1) + 3) = 's_' || ?1 || '_')`,
		func(r *sql.Rows) error {
			names = append(names, "")
			return r.Scan(&names[len(names)-1])
		}, noun)
	for _, n := range names {
		if err == nil {
			err = a.writer.exec(ctx, "DROP TABLE "+quote(n))
		}
	}
	return err
}

func (t *table) ddl() []string {
	cols := []string{"id TEXT NOT NULL PRIMARY KEY", "version INTEGER NOT NULL", "revision INTEGER NOT NULL", "shape INTEGER NOT NULL", "doc BLOB NOT NULL"}
	for i, f := range t.def.Fields {
		cols = append(cols, t.columns[i]+" "+sqlTypes[f.Kind]+" NOT NULL")
	}
	out := []string{fmt.Sprintf("CREATE TABLE %s (%s)", t.name, strings.Join(cols, ", "))}
	for _, ix := range t.def.Indexes {
		keys := make([]string, 0, len(ix)+1)
		side := make([]string, 0, len(ix)+1)
		for _, f := range ix {
			keys = append(keys, column(f))
			k := t.def.Fields[t.def.Position(f)].Kind
			side = append(side, column(f)+" "+sqlTypes[k]+" NOT NULL")
		}
		keys = append(keys, "id")
		if t.array(ix) >= 0 {
			out = append(out, fmt.Sprintf("CREATE TABLE %s (%s, id TEXT NOT NULL, PRIMARY KEY (%s)) WITHOUT ROWID",
				t.side(ix), strings.Join(side, ", "), strings.Join(keys, ", ")))
			continue
		}
		out = append(out, fmt.Sprintf("CREATE INDEX %s ON %s (%s)", t.index(ix), t.name, strings.Join(keys, ", ")))
	}
	return out
}

// sideOf are the rows an object has in a side table: one an element.
func (t *table) sideOf(index []string, id string, v store.Values) [][]any {
	at := t.array(index)
	list, _ := v[t.def.Position(index[at])].([]string)
	var seen map[string]bool
	if !slices.IsSorted(list) { // else equal ones stand side by side
		seen = make(map[string]bool, len(list))
	}
	out, cells, key := make([][]any, 0, len(list)), make([]any, 0, len(list)*(len(index)+1)), any(id)
	for n, element := range list {
		if seen[element] || n > 0 && list[n-1] == element {
			continue
		}
		if seen != nil {
			seen[element] = true
		}
		from := len(cells)
		for i, f := range index {
			if i == at {
				cells = append(cells, element)
			} else {
				cells = append(cells, v[t.def.Position(f)])
			}
		}
		cells = append(cells, key)
		out = append(out, cells[from:len(cells):len(cells)])
	}
	return out
}

// row is a record as a row of the table.
func (t *table) row(r *store.Record) ([]any, error) {
	return bind(r.Values, append(make([]any, 0, len(r.Values)+5), r.ID, r.Version, r.Revision, r.Shape, []byte(r.Body)))
}

// bind appends declared values as column values: arrays are kept as JSON.
func bind(values store.Values, args []any) ([]any, error) {
	for _, v := range values {
		if list, ok := v.([]string); ok {
			raw, err := json.Marshal(list)
			if err != nil {
				return nil, err
			}
			v = string(raw)
		}
		args = append(args, v)
	}
	return args, nil
}

// rowSet are the side rows by a key that tells equal rows.
func (t *table) rowSet(index []string, id string, v store.Values) map[string][]any {
	if v == nil {
		return nil
	}
	out := map[string][]any{}
	for _, row := range t.sideOf(index, id, v) {
		out[fmt.Sprintf("%#v", row)] = row
	}
	return out
}

// sideKey is the WHERE of one side row.
func (t *table) sideKey(index []string) string {
	conds := make([]string, 0, len(index)+1)
	for _, f := range index {
		conds = append(conds, column(f)+" = ?")
	}
	return strings.Join(append(conds, "id = ?"), " AND ")
}
