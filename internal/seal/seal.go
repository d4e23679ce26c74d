package seal

import (
	"crypto/aes"
	"crypto/rand"
	"encoding/base64"
	"errors"
)

// KeySize is the length of a key in bytes.
const KeySize = 32

// MaxToken is the length beyond which Open refuses a token unread.
const MaxToken = 64 << 10

var (
	// ErrForeign says that a token was not sealed by this key for this purpose,
	// or was altered. It never says which.
	ErrForeign = errors.New("token is foreign or altered")
	// ErrKey says that a key has not KeySize bytes.
	ErrKey = errors.New("a sealing key must have 32 bytes")
)

// encoding is strict: a token has one spelling.
var encoding = base64.RawURLEncoding.Strict()

// Box seals and opens tokens. It is safe for use by several goroutines.
type Box struct {
	keys []*extended
}

// New returns a box that seals with key and opens what was sealed with key or
// with one of the older keys. Each must have KeySize bytes, else ErrKey.
func New(key []byte, older ...[]byte) (*Box, error) {
	box := new(Box)
	for _, k := range append([][]byte{key}, older...) {
		if len(k) != KeySize {
			return nil, ErrKey
		}
		block, err := aes.NewCipher(k)
		if err != nil {
			return nil, err
		}
		box.keys = append(box.keys, extend(block))
	}
	return box, nil
}

// Seal returns plain, made 40 bytes longer, as a token of the base64url
// alphabet. Sealing twice gives two different tokens. Only Open with the same
// purpose gives plain back; the token does not hold the purpose.
func (b *Box) Seal(purpose string, plain []byte) string {
	sealed := make([]byte, nonceSize, nonceSize+len(plain)+tagSize)
	// crypto/rand never fails: it ends the program if the system has no entropy.
	_, _ = rand.Read(sealed)
	sealed = b.keys[0].gcm(sealed[:nonceSize]).Seal(sealed, sealed[deriveSize:nonceSize], plain, []byte(purpose))
	return encoding.EncodeToString(sealed)
}

// Open returns what Seal hid in the token, or ErrForeign.
func (b *Box) Open(purpose, token string) ([]byte, error) {
	if len(token) > MaxToken {
		return nil, ErrForeign
	}
	sealed, err := encoding.DecodeString(token)
	// The decoder skips line breaks; a token has none.
	if err != nil || encoding.EncodedLen(len(sealed)) != len(token) || len(sealed) < nonceSize+tagSize {
		return nil, ErrForeign
	}
	nonce, box := sealed[:nonceSize], sealed[nonceSize:]
	for _, key := range b.keys {
		plain, err := key.gcm(nonce).Open(nil, nonce[deriveSize:], box, []byte(purpose))
		if err == nil {
			return plain, nil
		}
	}
	return nil, ErrForeign
}
