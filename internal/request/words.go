package request

import (
	"strconv"
	"time"

	"github.com/fivesociety/linkage/internal/codes"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/measure"
	"github.com/fivesociety/linkage/internal/usecase"
)

// confidential is the category that strangers see of sealed requests; nobody
// chooses it.
const confidential = "CONFIDENTIAL"

// words checks the fields of an input one after another and keeps the first error.
type words struct {
	at      []string // where the fields stand; nil means directly in the input
	notices []usecase.Notice
	err     error
}

func (w *words) path(field ...string) []string {
	if w.at == nil {
		return append([]string{"input"}, field...)
	}
	return append(append([]string{}, w.at...), field...)
}

func (w *words) keep(err error) {
	if w.err == nil {
		w.err = err
	}
}

// free sets a text from the input if it was given, with citizen numbers masked.
func (w *words) free(to, from *string, limit int, required bool, field string) {
	if from == nil {
		if required {
			w.keep(fault.New(fault.CodeRequired, fault.At(w.path(field)...)))
		}
		return
	}
	s, notices, err := usecase.FreeText(*from, limit, required, w.path(field)...)
	w.keep(err)
	if err == nil {
		*to = s
		w.notices = append(w.notices, notices...)
	}
}

func (w *words) category(id, field string) {
	if id == confidential {
		w.keep(fault.New(fault.CodeCodeUnknown, fault.At(w.path(field)...), fault.P("list", "NEED_CATEGORY"), fault.P("value", id)))
		return
	}
	w.keep(usecase.InList(codes.NeedCategory, id, w.path(field)...))
}

func (w *words) codes(list codes.List, ids []string, field string) {
	if len(ids) > maxCodes {
		w.keep(fault.New(fault.CodeTooMany, fault.At(w.path(field)...), fault.P("max", maxCodes)))
		return
	}
	for i, id := range ids {
		w.keep(usecase.InList(list, id, w.path(field, itoa(i))...))
	}
}

// window refuses a time that does not end after it begins, or that is over already.
func (w *words) window(win *measure.Window, field string, now time.Time) {
	if win == nil {
		return
	}
	w.keep(win.Check(w.path(field)...))
	if !win.To.After(now) {
		w.keep(fault.New(fault.CodeWindowInvalid, fault.At(w.path(field)...)))
	}
}

func itoa(i int) string { return strconv.Itoa(i) }
