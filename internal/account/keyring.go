package account

import (
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"

	"github.com/fivesociety/linkage/internal/fault"
	"github.com/fivesociety/linkage/internal/seal"
	"github.com/fivesociety/linkage/internal/store"
)

// keyringID is the one keyring's.
const keyringID = "keyring"

// keyring holds the store's own keys. It is made at the first start, is never
// logged, and travels with the database: who can read the database file can sign
// tokens, as such a person can change grants anyway. A backup is a secret.
type keyring struct {
	store.Head `bson:",inline"`
	Signing    []signingKey `bson:"signing"` // newest first; older ones still verify
	Seal       []byte       `bson:"seal"`    // of cursors and links
}

type signingKey struct {
	ID   string `bson:"id"` // the token's kid
	Seed []byte `bson:"seed"`
}

func keyringSpec() store.Spec[keyring] { return store.Spec[keyring]{Name: "keyring"} }

// keys are the keyring in use.
type keys struct {
	kid    string
	sign   ed25519.PrivateKey
	verify map[string]ed25519.PublicKey
	index  []byte // of what is looked up but must not be read
}

func newKeyring() *keyring {
	seed, sealing, kid := make([]byte, ed25519.SeedSize), make([]byte, seal.KeySize), make([]byte, 6)
	// crypto/rand never fails: it ends the program if the system has no entropy.
	_, _ = rand.Read(seed)
	_, _ = rand.Read(sealing)
	_, _ = rand.Read(kid)
	return &keyring{
		Head: store.Head{ID: keyringID}, Seal: sealing,
		Signing: []signingKey{{ID: fmt.Sprintf("%x", kid), Seed: seed}},
	}
}

// Open reads the store's keys, making them at the first start, and gives the key
// that seals cursors. Call it once after the store has started, before any other
// method.
func (s *Service) Open(ctx context.Context) (sealKey []byte, err error) {
	fresh := newKeyring()
	ring := fresh
	err = s.core.DB.Tx(ctx, func(ctx context.Context) error {
		found, err := s.keyrings.Get(ctx, keyringID)
		if err == nil {
			ring = found
			return nil
		}
		if fault.KindOf(err) != fault.NotFound {
			return err
		}
		made := *fresh
		ring = &made
		return s.keyrings.Insert(ctx, &made, store.Note{})
	})
	if err != nil {
		return nil, fmt.Errorf("open keyring: %w", err)
	}
	s.keys = &keys{kid: ring.Signing[0].ID, verify: map[string]ed25519.PublicKey{}}
	s.keys.sign = ed25519.NewKeyFromSeed(ring.Signing[0].Seed)
	// A keyed index by what must not be read, such as a phone. It hangs on the sealing
	// key: who replaces that one has to keep this.
	index := hmac.New(sha256.New, ring.Seal)
	index.Write([]byte("account index 1"))
	s.keys.index = index.Sum(nil)
	for _, k := range ring.Signing {
		s.keys.verify[k.ID] = ed25519.NewKeyFromSeed(k.Seed).Public().(ed25519.PublicKey)
	}
	return ring.Seal, nil
}
