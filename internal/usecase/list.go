package usecase

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
)

// MaxPage is the most rows a caller may ask for at once; DefaultPage is what it
// gets without asking.
const (
	MaxPage     = 100
	DefaultPage = 20
)

// Paging is the page asked for, as the API's arguments have it.
type Paging struct {
	First, Last   *int
	After, Before *string
}

// Page is one page of a list: the rows with their sealed cursors. Total is nil
// unless a kept counter answers it.
type Page[V any] struct {
	Rows             []V
	Cursors          []string
	Start, End       *string
	HasNext, HasPrev bool
	Total            *int
	Metres           []int // of each row from where the reader looks; nil of other lists
}

// Question is what a reader asked a list for; its cursors are good for it alone.
type Question string

// Asked is the question for a list with a filter; nil, and a filter without a
// condition, ask for everything.
func Asked(list string, filter any) Question {
	raw, err := json.Marshal(filter)
	var given any
	if err == nil {
		err = json.Unmarshal(raw, &given)
	}
	if err == nil {
		raw, err = json.Marshal(stated(given))
	}
	if err != nil {
		panic(fmt.Sprintf("filter of %s: %v", list, err)) // a mistake in the filter's type
	}
	sum := sha256.Sum256(raw)
	return Question(list + ":" + hex.EncodeToString(sum[:8]))
}

// stated drops what a filter leaves open.
func stated(v any) any {
	fields, ok := v.(map[string]any)
	if !ok {
		return v
	}
	for name, field := range fields {
		if fields[name] = stated(field); fields[name] == nil {
			delete(fields, name)
		}
	}
	if len(fields) == 0 {
		return nil
	}
	return fields
}

// List reads one page of a noun for an actor. A cursor of another list, another
// filter, another order or another reader is CURSOR_INVALID.
func List[T any](ctx context.Context, c *Core, a access.Actor, rows *store.Collection[T], asked Question, q store.Query, p Paging, keep ...func(*T) bool) (Page[*T], error) {
	var out Page[*T]
	purpose := fmt.Sprintf("list:%s:%s:%t:%s", asked, q.Sort, q.Desc, a.ID)
	q, err := c.paged(q, p, purpose)
	if err != nil {
		return out, err
	}
	page, err := rows.Find(ctx, q, keep...)
	if err != nil {
		return out, err
	}
	out.Rows, out.HasNext, out.HasPrev = page.Items, page.HasNext, page.HasPrev
	out.Cursors = make([]string, len(page.Pos))
	for i, pos := range page.Pos {
		if out.Cursors[i], err = c.cursor(purpose, pos); err != nil {
			return out, err
		}
	}
	return out, out.ends(c, purpose, page.Last, q.FromEnd)
}

// ends sets the page's own cursors: the last row looked at counts even if a search
// found nothing there.
func (p *Page[V]) ends(c *Core, purpose string, last *store.Pos, fromEnd bool) error {
	if len(p.Cursors) > 0 {
		p.Start, p.End = &p.Cursors[0], &p.Cursors[len(p.Cursors)-1]
	}
	if last == nil {
		return nil
	}
	s, err := c.cursor(purpose, *last)
	if fromEnd {
		p.Start = &s
	} else {
		p.End = &s
	}
	return err
}

// Convert turns a page of rows into a page of views, all at once, so that each
// relation is read once a page.
func Convert[T, V any](p Page[T], views []V) Page[V] {
	return Page[V]{Rows: views, Cursors: p.Cursors, Start: p.Start, End: p.End, HasNext: p.HasNext, HasPrev: p.HasPrev, Total: p.Total, Metres: p.Metres}
}

func (c *Core) paged(q store.Query, p Paging, purpose string) (store.Query, error) {
	q.Limit = DefaultPage
	n := p.First
	if p.Last != nil {
		n, q.FromEnd = p.Last, true
	}
	if n != nil {
		q.Limit = *n
	}
	if q.Limit < 1 || q.Limit > MaxPage || (p.First != nil && p.Last != nil) {
		return q, fault.New(fault.CodePageInvalid, fault.At("first"), fault.P("max", MaxPage))
	}
	var err error
	if q.After, err = c.position(purpose, p.After, "after"); err != nil {
		return q, err
	}
	q.Before, err = c.position(purpose, p.Before, "before")
	return q, err
}

type sealedPos struct {
	Text *string  `json:"t,omitempty"`
	Int  *int64   `json:"i,omitempty"`
	Real *float64 `json:"r,omitempty"`
	ID   string   `json:"d"`
}

func (c *Core) cursor(purpose string, pos store.Pos) (string, error) {
	s := sealedPos{ID: pos.ID}
	switch v := pos.Key.(type) {
	case string:
		s.Text = &v
	case int64:
		s.Int = &v
	case float64:
		s.Real = &v
	}
	raw, err := json.Marshal(s)
	if err != nil {
		return "", fmt.Errorf("seal cursor: %w", err)
	}
	return c.Box.Seal(purpose, raw), nil
}

func (c *Core) position(purpose string, cursor *string, arg string) (*store.Pos, error) {
	if cursor == nil {
		return nil, nil
	}
	raw, err := c.Box.Open(purpose, *cursor)
	if err != nil {
		return nil, fault.New(fault.CodeCursorInvalid, fault.At(arg))
	}
	var s sealedPos
	if err := json.Unmarshal(raw, &s); err != nil {
		return nil, fault.New(fault.CodeCursorInvalid, fault.At(arg))
	}
	pos := &store.Pos{ID: s.ID}
	switch {
	case s.Text != nil:
		pos.Key = *s.Text
	case s.Int != nil:
		pos.Key = *s.Int
	case s.Real != nil:
		pos.Key = *s.Real
	}
	return pos, nil
}
