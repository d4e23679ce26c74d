package account

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"math/big"
	"strings"
	"time"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/store"
)

// Kinds of tickets.
const (
	handover  = "handover"  // from the browser's way round an issuer to the app
	spent     = "spent"     // an ID token that has signed somebody in
	invite    = "invite"    // an administrator's, to link an identity
	issued    = "recovery"  // an administrator's, to set a new password
	printed   = "printed"   // one of its owner's eight
	phoneCode = "phonecode" // to sign in by phone or set a new password
	phoneOwn  = "phoneown"  // to prove that a phone is one's own
)

// Times and bounds of tickets.
const (
	handoverFor = 5 * time.Minute
	inviteFor   = 7 * 24 * time.Hour
	issuedFor   = 24 * time.Hour
	printedFor  = 5 * 365 * 24 * time.Hour
	phoneFor    = 5 * time.Minute
	maxTries    = 5
)

// ticket is something that works once and not for long. Its id is a keyed hash of the
// secret that is shown (or of the phone), so that the store alone gives none away. It
// is never logged.
type ticket struct {
	store.Head `bson:",inline"`
	Kind       string    `bson:"kind"`
	Account    string    `bson:"account"` // "" for none, as after a request for an unknown phone
	Expires    time.Time `bson:"expires"`
	Tries      int       `bson:"tries"`  // that failed
	Check      []byte    `bson:"check"`  // keyed hash of what has to be shown besides; nil for nothing
	Sealed     string    `bson:"sealed"` // what it carries
}

func ticketSpec() store.Spec[ticket] {
	return store.Spec[ticket]{
		Name: "ticket",
		Fields: []store.Field[ticket]{
			{Name: "holder", Kind: store.Text, Get: func(t *ticket) any { return t.Account }},
			{Name: "kind", Kind: store.Text, Get: func(t *ticket) any { return t.Kind }},
			{Name: "expires", Kind: store.Int, Get: func(t *ticket) any { return t.Expires }},
		},
		Indexes: [][]string{{"holder"}, {"holder", "kind"}, {"expires"}},
		Queries: []store.Shape{{Where: []string{"holder", "kind"}}, {Where: []string{"holder"}}, {Sort: "expires"}},
		Guards:  func(t *ticket) []string { return []string{store.GuardName("ticket", t.Account)} },
	}
}

// mac is a hash that only this store can make.
func (s *Service) mac(purpose string, parts ...string) []byte {
	h := hmac.New(sha256.New, s.keys.index)
	h.Write([]byte(purpose))
	for _, p := range parts {
		h.Write([]byte{0})
		h.Write([]byte(p))
	}
	return h.Sum(nil)
}

// blind is mac as text: an index by what must not be read.
func (s *Service) blind(purpose string, parts ...string) string {
	return hex.EncodeToString(s.mac(purpose, parts...))
}

// ticketID is the id of the ticket that a secret opens.
func (s *Service) ticketID(kind, secret string) string {
	if kind == printed {
		kind = issued // whoever shows a recovery code need not say which sort it is
	}
	return kind + ":" + s.blind(kind, secret)
}

// shown reads the ticket that a secret opens, nil when there is none that still does.
func (s *Service) shown(ctx context.Context, id string, now time.Time) (*ticket, error) {
	found, err := s.tickets.GetMany(ctx, []string{id})
	if err != nil {
		return nil, err
	}
	t := found[id]
	if t == nil || !now.Before(t.Expires) || t.Tries >= maxTries {
		return nil, nil //nolint:nilnil // the caller's work must be the same either way
	}
	return t, nil
}

// guess compares what is shown with a ticket, and counts a failure. It gives nil for
// a ticket that is not there and for a wrong guess. Guesses at the same moment are
// counted one by one, as each has read the ticket that it writes.
func (s *Service) guess(ctx context.Context, id string, check []byte, now time.Time) (t *ticket, err error) {
	err = s.core.DB.Tx(ctx, func(ctx context.Context) error {
		if t, err = s.shown(ctx, id, now); err != nil || t == nil {
			return err
		}
		if subtle.ConstantTimeCompare(t.Check, check) == 1 {
			return nil
		}
		wrong := *t
		t, wrong.Tries = nil, wrong.Tries+1
		return s.tickets.Replace(ctx, &wrong, store.Note{})
	})
	return t, err
}

// burn uses a ticket up, in the unit of what it was for: ONE_TIME_CODE_INVALID when
// another call was faster.
func (s *Service) burn(ctx context.Context, t *ticket, now time.Time) error {
	still, err := s.shown(ctx, t.ID, now)
	if err != nil {
		return err
	}
	if still == nil || subtle.ConstantTimeCompare(still.Check, t.Check) != 1 || still.Account != t.Account {
		return fault.New(fault.CodeOneTimeCode, fault.At("input"))
	}
	return s.tickets.Delete(ctx, t.ID, store.Note{})
}

// put saves a ticket in the place of any with its id.
func (s *Service) put(ctx context.Context, t *ticket) error {
	fresh := *t // the unit may run again
	found, err := s.tickets.GetMany(ctx, []string{t.ID})
	if err != nil {
		return err
	}
	if found[t.ID] == nil {
		return s.tickets.Insert(ctx, &fresh, store.Note{})
	}
	fresh.Head = found[t.ID].Head
	return s.tickets.Replace(ctx, &fresh, store.Note{})
}

// tear removes an account's tickets of a kind; of all kinds for "".
func (s *Service) tear(ctx context.Context, accountID, kind string) error {
	where := store.Is("holder", accountID)
	if kind != "" {
		where = store.Both(where, store.Is("kind", kind))
	}
	page, err := s.tickets.Find(ctx, store.Query{Where: where, Guard: store.GuardName("ticket", accountID), Limit: 100})
	if err != nil {
		return err
	}
	for _, t := range page.Items {
		// The search does not see what this very unit has used up.
		still, err := s.tickets.GetMany(ctx, []string{t.ID})
		if err != nil {
			return err
		}
		if still[t.ID] == nil {
			continue
		}
		if err := s.tickets.Delete(ctx, t.ID, store.Note{}); err != nil {
			return err
		}
	}
	return nil
}

// alphabet is Crockford's: no I, L, O, U, which are read as something else.
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// newCode is 100 random bits for people: XXXXX-XXXXX-XXXXX-XXXXX.
func newCode() string {
	raw := make([]byte, 20)
	// crypto/rand never fails: it ends the program if the system has no entropy.
	_, _ = rand.Read(raw)
	var b strings.Builder
	for i, x := range raw {
		if i > 0 && i%5 == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(alphabet[int(x)%len(alphabet)])
	}
	return b.String()
}

// plainCode is a code as its hash is made: without signs between, in upper case, and
// with the letters that people write for digits. Full-width characters are narrowed.
func plainCode(code string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == 'O':
			return '0'
		case r == 'I', r == 'L':
			return '1'
		case strings.ContainsRune(alphabet, r):
			return r
		}
		return -1
	}, strings.ToUpper(fold(clip(code))))
}

// digits is a code of six for a phone, each as likely as any other.
func digits() string {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		panic(err) // crypto/rand never fails
	}
	s := n.String()
	return strings.Repeat("0", 6-len(s)) + s
}
