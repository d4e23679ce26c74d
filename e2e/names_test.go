package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/fivesociety/linkage/internal/store"
)

// reader finds the version of one noun's objects, unmasked.
func reader[T any](rows *store.Collection[T], version func(*T) int64) func(context.Context, string) (int64, error) {
	return func(ctx context.Context, id string) (int64, error) {
		t, err := rows.Get(ctx, id)
		if err != nil {
			return 0, err
		}
		return version(t), nil
	}
}

// version is an object's version now, whoever may see it.
func (e *env) version(ctx context.Context, id string) (json.Number, error) {
	prefix, _, _ := strings.Cut(id, "_")
	read, known := e.readers()[prefix]
	if !known {
		return "", fmt.Errorf("the version of %s is not known here", id)
	}
	v, err := read(ctx, id)
	return json.Number(fmt.Sprint(v)), err
}

var (
	placeholder = regexp.MustCompile(`\$\{([^}]+)\}`)
	anID        = regexp.MustCompile(`\b([a-z]{2,3})_[0-9a-z]{28}\b`)
	aNumber     = regexp.MustCompile(`\b[A-Z0-9]{2}-\d{6}-[0-9A-Z]{6}\b`)
	aCode       = regexp.MustCompile(`\bR-[0-9A-Z]{6}\b`) // of a recipient, random
	aTime       = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$`)
)

// fill puts what the names stand for into variables: ${name}, ${version:name} read
// now, ${now+26h}. A string that is one placeholder takes the value's own type.
func (e *env) fill(ctx context.Context, v any) (any, error) {
	switch x := v.(type) {
	case object:
		out := object{}
		for k, item := range x {
			filled, err := e.fill(ctx, item)
			if err != nil {
				return nil, err
			}
			out[k] = filled
		}
		return out, nil
	case []any:
		out := make([]any, len(x))
		for i, item := range x {
			var err error
			if out[i], err = e.fill(ctx, item); err != nil {
				return nil, err
			}
		}
		return out, nil
	case string:
		return e.fillText(ctx, x)
	}
	return v, nil
}

func (e *env) fillText(ctx context.Context, s string) (any, error) {
	if m := placeholder.FindString(s); m == s && m != "" {
		return e.lookup(ctx, s[2:len(s)-1])
	}
	var failed error
	out := placeholder.ReplaceAllStringFunc(s, func(m string) string {
		v, err := e.lookup(ctx, m[2:len(m)-1])
		if err != nil {
			failed = err
		}
		return fmt.Sprint(v)
	})
	return out, failed
}

func (e *env) lookup(ctx context.Context, name string) (any, error) {
	if of, ok := strings.CutPrefix(name, "version:"); ok {
		id, err := e.lookup(ctx, of)
		if err != nil {
			return nil, err
		}
		return e.version(ctx, fmt.Sprint(id))
	}
	if in, ok := strings.CutPrefix(name, "now"); ok && (in == "" || in[0] == '+' || in[0] == '-') {
		d, err := time.ParseDuration("0s" + in)
		if in != "" {
			d, err = time.ParseDuration(in)
		}
		return moment(e.now().Add(d)), err
	}
	v, known := e.names[name]
	if !known {
		return nil, fmt.Errorf("nothing is called ${%s}", name)
	}
	return v, nil
}

// secrets are fields whose values differ each time.
var secrets = map[string]string{
	"cursor": "<cursor>", "startCursor": "<cursor>", "endCursor": "<cursor>", "feedCursor": "<cursor>",
	"token": "<token>", "accessToken": "<token>", "refreshToken": "<token>", "requestId": "<request>", "secret": "<secret>",
	"recoveryCodes": "<code>", "sequence": "<sequence>",
}

// masker turns an answer into what can be written down: known ids become their
// names, other ids <type>, moments <time> unless the variables said them.
type masker struct {
	names map[string]string // value → ${name}
	said  map[string]bool   // moments of the variables
}

func (e *env) masker(variables object) *masker {
	m := &masker{map[string]string{}, map[string]bool{}}
	for name, v := range e.names {
		id, ok := v.(string)
		if !ok || !strings.Contains(id, "_") {
			continue
		}
		if have, taken := m.names[id]; !taken || shorter("${"+name+"}", have) {
			m.names[id] = "${" + name + "}"
		}
	}
	m.listen(variables)
	return m
}

// shorter prefers short names, so that what a folder's stage calls its own wins.
func shorter(a, b string) bool { return len(a) < len(b) || (len(a) == len(b) && a < b) }

func (m *masker) listen(v any) {
	switch x := v.(type) {
	case object:
		for _, item := range x {
			m.listen(item)
		}
	case []any:
		for _, item := range x {
			m.listen(item)
		}
	case string:
		if t, err := time.Parse(time.RFC3339, x); err == nil {
			m.said[t.UTC().Format("2006-01-02T15:04:05.000Z")] = true
		}
	}
}

func (m *masker) mask(field string, v any) any {
	switch x := v.(type) {
	case object:
		out := object{}
		for k, item := range x {
			out[k] = m.mask(k, item)
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i, item := range x {
			out[i] = m.mask(field, item)
		}
		return out
	case string:
		return m.maskText(field, x)
	case nil:
		return nil
	}
	return v
}

func (m *masker) maskText(field, s string) string {
	if hidden, ok := secrets[field]; ok && s != "" {
		return hidden
	}
	if name, ok := m.names[s]; ok {
		return name
	}
	if aTime.MatchString(s) && !m.said[s] {
		return "<time>"
	}
	s = aCode.ReplaceAllString(aNumber.ReplaceAllString(s, "<number>"), "<code>")
	return anID.ReplaceAllStringFunc(s, func(id string) string {
		if name, ok := m.names[id]; ok {
			return name
		}
		prefix, _, _ := strings.Cut(id, "_")
		return "<" + prefix + ">"
	})
}
