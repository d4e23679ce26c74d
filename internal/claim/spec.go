package claim

import (
	"math"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/store"
)

func spec() store.Spec[Claim] {
	s := store.Spec[Claim]{
		Name: Noun.Name,
		Fields: access.Fields(func(c *Claim) *access.Header { return &c.Header },
			store.Field[Claim]{Name: "created", Kind: store.Int, Mask: access.Blind, Get: func(c *Claim) any { return c.CreatedAt }},
			store.Field[Claim]{Name: "request", Kind: store.Text, Mask: access.Blind, Get: func(c *Claim) any { return c.Request }},
			store.Field[Claim]{Name: "line", Kind: store.Text, Mask: access.Blind, Get: func(c *Claim) any { return c.Line }},
			store.Field[Claim]{Name: "organisation", Kind: store.Text, Mask: access.Limited, Get: func(c *Claim) any { return c.Organisation }},
			store.Field[Claim]{Name: "due", Kind: store.Int, Mask: access.Blind, Get: dueKey},
		),
		// How many an organisation has, and which a request has, is decided by searches.
		Guards: func(c *Claim) []string {
			return []string{guard(c.Request), guard(c.Organisation)}
		},
	}
	for _, way := range [][]string{{}, {"station"}, {"parties"}, {"county"}, {"town"}, {"request"}, {"line"}, {"organisation"}} {
		s.Indexes = append(s.Indexes, append(append([]string{}, way...), "created"))
		s.Queries = append(s.Queries, store.Shape{Where: way, Sort: "created"})
	}
	s.Indexes = append(s.Indexes, []string{"due"})
	s.Queries = append(s.Queries, store.Shape{Sort: "due"})
	return s
}

// dueKey puts what waits for nothing behind all others.
func dueKey(c *Claim) any {
	if c.DueAt.IsZero() {
		return int64(math.MaxInt64)
	}
	return c.DueAt
}

// guard names the claims of a request or an organisation.
func guard(id string) string { return store.GuardName(Noun.Name, id) }
