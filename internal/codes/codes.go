package codes

import (
	"context"
	"strings"
)

// List names a code list; the names are the schema's CodeList enum.
type List string

// Code is one coded value. Its label depends on the reader.
type Code struct {
	List List
	ID   string
}

// Label is the value in the reader's language; the id itself when unknown.
func (c Code) Label(ctx context.Context) string { return Label(ctx, c.List, c.ID) }

// Of makes a code, nil for an empty id.
func Of(list List, id string) *Code {
	if id == "" {
		return nil
	}
	return &Code{List: list, ID: id}
}

// Many makes codes of ids, in order.
func Many(list List, ids []string) []Code {
	out := make([]Code, len(ids))
	for i, id := range ids {
		out[i] = Code{List: list, ID: id}
	}
	return out
}

type entry struct{ id, zh, en string }

// Known reports whether a value stands in a list.
func Known(list List, id string) bool {
	_, ok := find(list, id)
	return ok
}

// All lists the codes of a list in the order to show them.
func All(list List) []Code {
	out := make([]Code, 0, len(lists[list]))
	for _, e := range lists[list] {
		out = append(out, Code{List: list, ID: e.id})
	}
	return out
}

// Label is a value's text in the ctx's language.
func Label(ctx context.Context, list List, id string) string {
	e, ok := find(list, id)
	switch {
	case !ok:
		return id
	case English(ctx):
		return e.en
	}
	return e.zh
}

func find(list List, id string) (entry, bool) {
	for _, e := range lists[list] {
		if e.id == id {
			return e, true
		}
	}
	return entry{}, false
}

type localeKey struct{}

// WithLocale sets the reader's language: "en" or "en-…" is English, all else Chinese.
func WithLocale(ctx context.Context, locale string) context.Context {
	return context.WithValue(ctx, localeKey{}, locale)
}

// Locale is the reader's language, "zh" by default.
func Locale(ctx context.Context) string {
	if s, _ := ctx.Value(localeKey{}).(string); s != "" {
		return s
	}
	return "zh"
}

// English reports whether the reader's language is English.
func English(ctx context.Context) bool {
	return strings.HasPrefix(strings.ToLower(Locale(ctx)), "en")
}
