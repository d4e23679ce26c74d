package usecase

import (
	"strings"

	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/text"
)

// maxSearch bounds a search text.
const maxSearch = 64

// Search is a reader's search in a name: Where goes into the query, which then is
// ordered by id, and Finds decides on each row. Without a text it finds everything.
type Search struct {
	Where  store.Filter
	On     bool
	folded string
}

// NewSearch reads the search text against the noun's Terms field. A text without
// letter or digit finds nothing.
func NewSearch(q *string, terms string, path ...string) (Search, error) {
	if q == nil {
		return Search{Where: store.All()}, nil
	}
	s, err := Text(*q, maxSearch, false, path...)
	if err != nil || s == "" {
		return Search{Where: store.All()}, err
	}
	asked := text.QueryTerms(s)
	if len(asked) == 0 {
		return Search{Where: store.None(), On: true}, nil
	}
	held := make([]store.Filter, len(asked))
	for i, t := range asked {
		held[i] = store.Holds(terms, t)
	}
	return Search{Where: store.Both(held...), On: true, folded: text.Fold(s)}, nil
}

// Finds reports whether a name contains the search text.
func (s Search) Finds(name string) bool {
	return !s.On || strings.Contains(text.Fold(name), s.folded)
}
