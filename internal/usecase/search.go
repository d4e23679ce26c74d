package usecase

import (
	"github.com/fivesociety/linkage/internal/store"
	"github.com/fivesociety/linkage/internal/text"
)

// maxSearch bounds a search text.
const maxSearch = 64

// Search is a reader's search: Where goes into the query, which then is ordered by
// id, and Finds decides on each row. Without a text it finds everything.
type Search struct {
	Where store.Filter
	On    bool
	query text.Query
}

// NewSearch reads a search for names against the noun's field of their terms
// (text.NameTerms): by what stands there, by pinyin and by initials. A text without
// letter or digit finds nothing.
func NewSearch(q *string, terms string, path ...string) (Search, error) {
	return newSearch(text.NameQuery, q, terms, path)
}

// NewTextSearch reads a search for running text against the noun's field of its terms
// (text.Terms): by what stands there.
func NewTextSearch(q *string, terms string, path ...string) (Search, error) {
	return newSearch(text.ProseQuery, q, terms, path)
}

func newSearch(read func(string) text.Query, q *string, terms string, path []string) (Search, error) {
	all := Search{Where: store.All()}
	if q == nil {
		return all, nil
	}
	s, err := Text(*q, maxSearch, false, path...)
	if err != nil || s == "" {
		return all, err
	}
	query := read(s)
	asked := query.Terms()
	if len(asked) == 0 {
		return Search{Where: store.None(), On: true}, nil
	}
	held := make([]store.Filter, len(asked))
	for i, t := range asked {
		held[i] = store.Holds(terms, t)
	}
	return Search{Where: store.Both(held...), On: true, query: query}, nil
}

// Finds reports whether a row's name or text contains what is searched for.
func (s Search) Finds(name string) bool { return !s.On || s.query.In(name) }
