package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/fivesociety/linkage/internal/access"
	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
)

// SignIn is a name and a password.
type SignIn struct {
	Name     string
	Password string `json:"-"`
}

// SessionView is an open session as only its owner gets it, once.
type SessionView struct {
	AccessToken      string
	AccessExpiresAt  time.Time
	RefreshToken     string
	RefreshExpiresAt time.Time
}

// SignIn opens a session. An unknown name, a wrong password and a disabled account
// all cost the same work and answer the same SIGN_IN_FAILED; RATE_LIMITED after
// several failures of the name or from the address in ctx.
func (s *Service) SignIn(ctx context.Context, in SignIn) (*SessionView, *Viewer, error) {
	id, hash, refund, err := s.authenticate(ctx, in.Name, in.Password)
	if fault.CodeOf(err) == fault.CodeSignInFailed {
		return nil, nil, s.failed(ctx, id, ByPassword)
	}
	if err != nil {
		return nil, nil, err
	}
	view, a, err := s.openSession(ctx, entry{account: id, hash: hash, method: ByPassword})
	if err != nil {
		return nil, nil, err
	}
	refund()
	viewer, err := s.Viewer(ctx, a)
	return view, viewer, err
}

// authenticate finds the account of a name and password, and the hash that fitted,
// at the same cost whatever the answer. With SIGN_IN_FAILED the id is the account
// whose name was said, or nobody's.
func (s *Service) authenticate(ctx context.Context, name, password string) (id, hash string, refund func(), err error) {
	refund, err = s.pace(fold(clip(name)), AddressOf(ctx))
	if err != nil {
		return "", "", nil, err
	}
	id, hash, err = s.lookUp(ctx, name)
	if err != nil {
		return "", "", nil, err
	}
	same, err := s.hasher.check(ctx, password, hash)
	if err != nil {
		return "", "", nil, err
	}
	if !same {
		return id, "", nil, fault.New(fault.CodeSignInFailed, fault.At("input"))
	}
	return id, hash, refund, nil
}

// pace asks both limits; refund gives both back.
func (s *Service) pace(name, address string) (refund func(), err error) {
	now := s.core.Now()
	one, err := s.byName.try(name, now)
	if err != nil {
		return nil, err
	}
	two, err := s.byAddress.try(address, now)
	if err != nil {
		one() // an address's flood must not lock the name
		return nil, err
	}
	return func() { one(); two() }, nil
}

// lookUp finds the account's id and password hash. After the same two reads the id is
// nobody's for an account that is not there, and the hash "" for one that is not
// there or may not sign in.
func (s *Service) lookUp(ctx context.Context, name string) (id, hash string, err error) {
	login := ""
	if utf8.ValidString(name) && len(name) <= 4*maxName {
		login = fold(name)
	}
	page, err := s.rows.Find(ctx, store.Query{Where: store.Is("login", login), Limit: 1})
	if err != nil {
		return "", "", err
	}
	id = nobodyID
	usable := false
	if len(page.Items) == 1 && login != "" {
		id, usable = page.Items[0].ID, page.Items[0].State == Active
	}
	found, err := s.credentials.GetMany(ctx, []string{id})
	if err != nil {
		return "", "", err
	}
	if c := found[id]; c != nil && usable {
		hash = c.Hash
	}
	return id, hash, nil
}

// entry is a sign-in whose proof has been checked.
type entry struct {
	account string
	hash    string // of the password that was checked, "" for none
	method  Method
	also    func(context.Context) error // in the session's unit, such as using the proof up; nil for nothing
}

// openSession makes the session. It asserts that the account is still active and
// that the password is still the one that was checked ("" for none), so that no
// session slips in behind a change that ends all of them.
func (s *Service) openSession(ctx context.Context, e entry) (*SessionView, access.Actor, error) {
	now, secret := s.core.Time(), newSecret()
	tried := s.attempted(ctx, e.account, e.method, true)
	row := &Session{
		Head: store.Head{ID: s.core.DB.NewBlindID(sessionPrefix)}, Account: e.account, Expires: now.Add(s.config.RefreshTTL),
		UsedAt: now.Truncate(time.Hour), Method: e.method, Client: tried.Client,
	}
	row.Family, row.Refresh = secret.hashes()
	var account *Account
	err := s.core.DB.Tx(ctx, func(ctx context.Context) error {
		var err error
		if account, err = s.rows.Get(ctx, e.account); err != nil {
			return err
		}
		c, err := s.credentials.Get(ctx, e.account)
		if err != nil {
			return err
		}
		if account.State != Active || (e.hash != "" && c.Hash != e.hash) {
			return fault.New(fault.CodeSignInFailed, fault.At("input"))
		}
		if e.also != nil {
			if err := e.also(ctx); err != nil {
				return err
			}
		}
		fresh := *row
		if err := s.sessions.Insert(ctx, &fresh, store.Note{}); err != nil {
			return err
		}
		return s.book(ctx, tried)
	})
	if err != nil {
		return nil, access.Actor{}, err
	}
	view, err := s.pair(row, secret, now)
	return view, s.actor(account, row.ID, now), err
}

// OpenSession opens a session without a password. It is for whoever runs the program
// (linkage token, the demo), never for the API.
func (s *Service) OpenSession(ctx context.Context, accountID string) (*SessionView, error) {
	view, _, err := s.openSession(ctx, entry{account: accountID, method: ByOperator})
	return view, err
}

// pair makes the tokens of a session row that has been saved.
func (s *Service) pair(row *Session, secret secret, now time.Time) (*SessionView, error) {
	token, expires, err := s.issue(row.Account, row.ID, now)
	if err != nil {
		return nil, err
	}
	return &SessionView{
		AccessToken: token, AccessExpiresAt: expires,
		RefreshToken: secret.token(row.ID), RefreshExpiresAt: row.Expires,
	}, nil
}

// secret is the two halves of a refresh token: what the whole family shares, and
// what the next one will not have. Who shows a wrong second half with a right first
// one has a token that was used before; who shows a wrong first half has nothing.
type secret struct{ family, once []byte }

const secretSize = 32

func newSecret() secret {
	x := secret{make([]byte, secretSize), make([]byte, secretSize)}
	// crypto/rand never fails: it ends the program if the system has no entropy.
	_, _ = rand.Read(x.family)
	_, _ = rand.Read(x.once)
	return x
}

var encoding = base64.RawURLEncoding.Strict()

func (x secret) token(session string) string {
	return session + "." + encoding.EncodeToString(x.family) + "." + encoding.EncodeToString(x.once)
}

func (x secret) hashes() (family, once []byte) {
	f, o := sha256.Sum256(x.family), sha256.Sum256(x.once)
	return f[:], o[:]
}

// is compares with stored hashes.
func (x secret) is(row *Session) (family, once bool) {
	f, o := x.hashes()
	return subtle.ConstantTimeCompare(f, row.Family) == 1, subtle.ConstantTimeCompare(o, row.Refresh) == 1
}

// parseRefresh takes a refresh token apart.
func parseRefresh(token string) (session string, x secret, ok bool) {
	parts := strings.Split(token, ".")
	if len(token) > 256 || len(parts) != 3 || store.IDPrefix(parts[0]) != sessionPrefix || !utf8.ValidString(parts[0]) {
		return "", x, false
	}
	var err1, err2 error
	x.family, err1 = encoding.DecodeString(parts[1])
	x.once, err2 = encoding.DecodeString(parts[2])
	return parts[0], x, err1 == nil && err2 == nil && len(x.family) == secretSize && len(x.once) == secretSize
}
