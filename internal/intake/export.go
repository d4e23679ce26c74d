package intake

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/sheet"
)

// Tables are the names of all tables, English, in the order in which rows refer to
// one another.
func Tables() []string {
	all := tables()
	names := make([]string, len(all))
	for i, t := range all {
		names[i] = t.name
	}
	return names
}

// Table finds the name of a table given in either language; NOT_FOUND if there is none.
func Table(name string) (string, error) {
	t, err := find(name)
	return t.name, err
}

func find(name string) (table, error) {
	all := tables()
	i := slices.IndexFunc(all, func(t table) bool { return t.is(name) })
	if i < 0 {
		return table{}, fmt.Errorf("no table %q; there are %s: %w", name, known(), fault.New(fault.CodeNotFound))
	}
	return all[i], nil
}

// Export writes one table as it stands in the store: with all that the store has of
// each row, masked for nobody, so it is for whoever runs the store. left counts the
// rows that a table cannot hold: what has ended, requests under way, and what rests on
// either. What it writes
// goes in again: on another store it makes the same rows, on this one it changes
// nothing. locale is "en", else Chinese.
func Export(ctx context.Context, to io.Writer, format sheet.Format, name, locale string, nouns Nouns) (rows, left int, err error) {
	t, err := find(name)
	if err != nil {
		return 0, 0, err
	}
	columns := slices.DeleteFunc(slices.Clone(t.columns), func(c sheet.Column) bool {
		return slices.Contains(unread, c.Name) || slices.Contains(t.once, c.Name)
	})
	w, err := sheet.Write(to, format, columns, locale)
	if err != nil {
		return 0, 0, err
	}
	left, err = t.out.each(ctx, nouns, speech{english: locale == "en", now: nouns.Core.Time(), tables: tables()}, func(cells map[string]string) error {
		rows++
		line := make([]string, len(columns))
		for i, c := range columns {
			line[i] = cells[c.Name]
		}
		return w.Row(line)
	})
	if err != nil {
		return rows, left, fmt.Errorf("export %s: %w", t.name, err)
	}
	return rows, left, w.Close()
}

// Template writes an empty table with the rule of each column in words.
func Template(to io.Writer, format sheet.Format, name string) error {
	t, err := find(name)
	if err != nil {
		return err
	}
	return sheet.Template(to, format, t.zh+" "+t.name+"（填在表头下方 fill in below the header）", t.columns)
}
