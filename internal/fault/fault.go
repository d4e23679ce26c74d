package fault

import (
	"errors"
	"fmt"
	"sort"
	"strings"
)

// Kind says who can mend an error and therefore where it is shown.
type Kind uint8

// The kinds. Invalid, NotFound and Conflict are the caller's to mend and travel
// in a mutation's payload; the others are top-level errors.
const (
	Internal        Kind = iota // a bug or a broken machine: the cause is only in the log
	Invalid                     // the input breaks a rule
	NotFound                    // no such thing, or none that the caller may see
	Conflict                    // the world has moved: read again, decide again
	Forbidden                   // known caller, not allowed
	Unauthenticated             // unknown caller
	Limit                       // too much or too often
	Unavailable                 // the same call may succeed later
)

// Error is an error that may be shown to a client.
type Error struct {
	Code   Code
	Path   []string       // where in the input, outermost first; empty when it is not about one field
	Params map[string]any // values for the message and for machines; never personal data
	cause  error          // for the log only
}

// Option adds detail to an error under construction.
type Option func(*Error)

// At says which field of the input is meant, outermost first.
func At(path ...string) Option { return func(e *Error) { e.Path = path } }

// P adds one parameter. Keep values plain: string, bool, integers, []string.
func P(name string, value any) Option {
	return func(e *Error) {
		if e.Params == nil {
			e.Params = make(map[string]any, 2)
		}
		e.Params[name] = value
	}
}

// Because keeps the cause for the log; clients never see it.
func Because(err error) Option { return func(e *Error) { e.cause = err } }

// New makes an error of a declared code. An undeclared code is a programming
// error and panics.
func New(code Code, opts ...Option) *Error {
	if _, ok := table[code]; !ok {
		panic("fault: undeclared code " + string(code))
	}
	e := &Error{Code: code}
	for _, o := range opts {
		o(e)
	}
	return e
}

// Known reports whether a code is declared.
func Known(code Code) bool { _, ok := table[code]; return ok }

// Kind is the kind that the code's table row declares.
func (e *Error) Kind() Kind { return table[e.Code].kind }

// Error is for logs: code, path, parameters and cause.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(string(e.Code))
	if len(e.Path) > 0 {
		b.WriteString(" at " + strings.Join(e.Path, "."))
	}
	for _, k := range sortedKeys(e.Params) {
		fmt.Fprintf(&b, " %s=%v", k, e.Params[k])
	}
	if e.cause != nil {
		b.WriteString(": " + e.cause.Error())
	}
	return b.String()
}

// Unwrap gives the cause, so that errors.Is finds context.Canceled and the like.
func (e *Error) Unwrap() error { return e.cause }

// Is reports two errors of the same code as equal, so that a sentinel made by
// New(code) can be asked for with errors.Is.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code && len(t.Path) == 0 && len(t.Params) == 0
}

// Message is the sentence for people. Locale "en" (or en-…) gives English,
// everything else Chinese, the platform's first language.
func (e *Error) Message(locale string) string {
	text, english := table[e.Code].zh, strings.HasPrefix(strings.ToLower(locale), "en")
	if english {
		text = table[e.Code].en
	}
	if rule, ok := e.Params["rule"].(string); ok { // first: its words may have parameters
		text = strings.ReplaceAll(text, "{rule}", words(rule, english))
	}
	if other := e.instead(english); other != "" {
		return other
	}
	for _, k := range sortedKeys(e.Params) {
		text = strings.ReplaceAll(text, "{"+k+"}", printed(k, e.Params[k], english))
	}
	return text
}

// CodeOf finds the code in a chain of errors; INTERNAL when there is none.
func CodeOf(err error) Code {
	if e, ok := As(err); ok {
		return e.Code
	}
	return CodeInternal
}

// KindOf finds the kind in a chain of errors; Internal when there is none.
func KindOf(err error) Kind {
	if e, ok := As(err); ok {
		return e.Kind()
	}
	return Internal
}

// As finds the Error in a chain.
func As(err error) (*Error, bool) {
	var e *Error
	ok := errors.As(err, &e)
	return e, ok
}

// Under returns the error with its path put below the given outer path. Errors
// that are no *Error pass unchanged.
func Under(err error, outer ...string) error {
	e, ok := As(err)
	if !ok {
		return err
	}
	c := *e
	c.Path = append(append([]string(nil), outer...), e.Path...)
	return &c
}

func printed(key string, v any, english bool) string {
	list, ok := v.([]string)
	switch {
	case !ok:
		return told(key, fmt.Sprint(v), english)
	case len(list) > 0:
		return told(key, strings.Join(list, ", "), english)
	case english:
		return "none"
	}
	return "无"
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
