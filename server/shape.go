package server

import (
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// walk counts what a document becomes when its fragments are put in and fields of one
// name are merged, as validation and execution will do. It knows no schema. It stops
// at the first limit, so that a document that doubles itself at every level costs no
// more than one that is just too large.
type walk struct {
	limits                              *Limits
	fragments                           map[string]*ast.FragmentDefinition
	used                                map[string]bool
	fields, pairs, aliases, annotations int
	bad                                 *gqlerror.Error
}

// countSpreads counts the spreads as written: validation compares fragments pair by
// pair, however seldom they meet in one object.
func (w *walk) countSpreads(doc *ast.QueryDocument) {
	n := 0
	for _, op := range doc.Operations {
		n += spreadsIn(op.SelectionSet)
	}
	for _, f := range doc.Fragments {
		n += spreadsIn(f.SelectionSet)
	}
	if n > w.limits.Spreads {
		w.stop("spreads", w.limits.Spreads)
	}
}

func spreadsIn(set ast.SelectionSet) (n int) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			n += spreadsIn(s.SelectionSet)
		case *ast.InlineFragment:
			n += spreadsIn(s.SelectionSet)
		case *ast.FragmentSpread:
			n++
		}
	}
	return n
}

// level takes the selection sets that are merged into one object.
func (w *walk) level(sets []ast.SelectionSet, depth int) {
	if depth > w.limits.Depth {
		w.stop("depth", w.limits.Depth)
		return
	}
	l := level{walk: w, groups: map[string][]ast.SelectionSet{}, spread: map[string]bool{}}
	for _, set := range sets {
		l.collect(set)
	}
	if depth == 1 && len(l.order) > w.limits.RootFields {
		w.stop("rootFields", w.limits.RootFields)
	}
	for _, name := range l.order {
		if w.bad != nil {
			return
		}
		below := l.groups[name]
		w.count(&w.pairs, len(below)*(len(below)-1)/2, "pairs", w.limits.Pairs)
		if hasSelections(below) {
			w.level(below, depth+1)
		}
	}
}

// level is one merged selection: its fields by response name.
type level struct {
	*walk
	groups map[string][]ast.SelectionSet
	order  []string
	spread map[string]bool // fragments already put into this level
}

func (l *level) collect(set ast.SelectionSet) {
	for _, s := range set {
		if l.bad != nil {
			return
		}
		l.count(&l.fields, 1, "fields", l.limits.Fields)
		switch s := s.(type) {
		case *ast.Field:
			l.field(s)
		case *ast.InlineFragment:
			l.directives(s.Directives)
			l.collect(s.SelectionSet)
		case *ast.FragmentSpread:
			l.directives(s.Directives)
			l.put(s.Name)
		}
	}
}

func (l *level) field(f *ast.Field) {
	l.directives(f.Directives)
	if f.Alias != f.Name {
		l.count(&l.aliases, 1, "aliases", l.limits.Aliases)
	}
	if _, there := l.groups[f.Alias]; !there {
		l.order = append(l.order, f.Alias)
	}
	l.groups[f.Alias] = append(l.groups[f.Alias], f.SelectionSet)
}

func (l *level) put(name string) {
	f := l.fragments[name]
	if f == nil || l.spread[name] {
		return
	}
	l.spread[name] = true
	if l.used == nil {
		l.used = map[string]bool{}
	}
	l.used[name] = true
	l.collect(f.SelectionSet)
}

func (w *walk) directives(list ast.DirectiveList) {
	w.count(&w.annotations, len(list), "directives", w.limits.Directives)
	if len(list) > directivesHere {
		w.stop("directives", directivesHere)
	}
	for _, d := range list {
		if d.Name == "defer" { // answered in parts, which no transport here can send
			w.stop("defer", 0)
		}
	}
}

// directivesHere is how many directives may stand in one place: there are but two.
const directivesHere = 4

func (w *walk) count(at *int, n int, what string, limit int) {
	if *at += n; *at > limit {
		w.stop(what, limit)
	}
}

func (w *walk) stop(what string, limit int) {
	if w.bad == nil {
		w.bad = tooComplex(what, limit)
	}
}

func hasSelections(sets []ast.SelectionSet) bool {
	for _, s := range sets {
		if len(s) > 0 {
			return true
		}
	}
	return false
}
