package account

import (
	"context"
	_ "embed"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/usecase"
)

// Lengths of a password in characters.
const (
	minPassword = 10
	maxPassword = 256
)

//go:embed common.txt
var common string

// checkPassword refuses a new password that is short, common, of a single
// character, or holds the sign-in name (PASSWORD_WEAK). Passwords are not trimmed.
func checkPassword(password, name string, path ...string) error {
	if _, err := usecase.Text(password, maxPassword, true, path...); err != nil {
		return err
	}
	folded := fold(password)
	weak := utf8.RuneCountInString(password) < minPassword ||
		strings.Trim(folded, firstRune(folded)) == "" ||
		(name != "" && strings.Contains(folded, fold(name)))
	for line := range strings.Lines(common) {
		weak = weak || folded == strings.TrimSpace(line)
	}
	if weak {
		return fault.New(fault.CodePasswordWeak, fault.At(path...), fault.P("min", minPassword))
	}
	return nil
}

func firstRune(s string) string {
	_, n := utf8.DecodeRuneInString(s)
	return s[:n]
}

// hasher makes and checks password hashes, a few at a time: each takes megabytes,
// and a flood of sign-ins must not take the machine's memory.
type hasher struct {
	params *argon2id.Params
	slots  chan struct{}
	dummy  string // what an unknown name is checked against, for the same work
}

func newHasher(p argon2id.Params, atOnce int) (*hasher, error) {
	h := &hasher{params: &p, slots: make(chan struct{}, atOnce)}
	var err error
	h.dummy, err = argon2id.CreateHash("no such account", h.params)
	return h, err
}

func (h *hasher) enter(ctx context.Context) (leave func(), err error) {
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	leave, err := h.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	s, err := argon2id.CreateHash(password, h.params)
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	return s, nil
}

// check compares with a stored hash; "" is compared with the dummy and never fits.
func (h *hasher) check(ctx context.Context, password, stored string) (bool, error) {
	leave, err := h.enter(ctx)
	if err != nil {
		return false, err
	}
	defer leave()
	against := stored
	if against == "" {
		against = h.dummy
	}
	same, err := argon2id.ComparePasswordAndHash(clip(password), against)
	if err != nil {
		return false, fmt.Errorf("check password: %w", err)
	}
	return same && stored != "", nil
}

// clip keeps an absurdly long attempt from costing more than any other: no stored
// password is that long.
func clip(password string) string {
	if len(password) > 4*maxPassword {
		return password[:4*maxPassword] + "…"
	}
	return password
}
