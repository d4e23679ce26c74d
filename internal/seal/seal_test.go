package seal

import (
	"bytes"
	"crypto/aes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func key(fill byte) []byte { return bytes.Repeat([]byte{fill}, KeySize) }

func box(t interface{ Fatal(...any) }, keys ...[]byte) *Box {
	b, err := New(keys[0], keys[1:]...)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The vectors of the C2SP specification of XAES-256-GCM.
func TestExtendedMatchesThePublishedVectors(t *testing.T) {
	t.Parallel()
	cases := []struct {
		key       byte
		aad, want string
	}{
		{0x01, "", "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"},
		{0x03, "c2sp.org/XAES-256-GCM", "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d"},
	}
	nonce := []byte("ABCDEFGHIJKLMNOPQRSTUVWX")
	for _, c := range cases {
		block, err := aes.NewCipher(key(c.key))
		if err != nil {
			t.Fatal(err)
		}
		sealed := extend(block).gcm(nonce).Seal(nil, nonce[deriveSize:], []byte("XAES-256-GCM"), []byte(c.aad))
		if got := hex.EncodeToString(sealed); got != c.want {
			t.Errorf("key %#x: %s, want %s", c.key, got, c.want)
		}
	}
}

func TestNewRefusesKeysOfAnotherLength(t *testing.T) {
	t.Parallel()
	for _, keys := range [][][]byte{{nil}, {key(1)[:31]}, {append(key(1), 0)}, {key(1), key(2)[:16]}} {
		if _, err := New(keys[0], keys[1:]...); !errors.Is(err, ErrKey) {
			t.Errorf("keys of %d bytes: %v", len(keys[0]), err)
		}
	}
}

func TestOpenGivesBackWhatSealHid(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := box(t, key(1))
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		purpose := rapid.String().Draw(t, "purpose")
		token := b.Seal(purpose, plain)
		got, err := b.Open(purpose, token)
		if err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("%q opened as %q, %v", plain, got, err)
		}
		if again := b.Seal(purpose, plain); again == token {
			t.Fatal("two tokens are equal")
		}
		if len(token) != encoding.EncodedLen(len(plain)+nonceSize+tagSize) {
			t.Fatalf("token of %d characters", len(token))
		}
	})
}

func TestOpenRefusesAnyAlteration(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := box(t, key(1))
		token := b.Seal("cursor", []byte(rapid.String().Draw(t, "plain")))
		at := rapid.IntRange(0, len(token)-1).Draw(t, "at")
		put := rapid.SampledFrom([]byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=\n ")).Draw(t, "put")
		altered := []string{
			token[:at] + string(put) + token[at:], // one more
			token[:at] + token[at+1:],             // one less
		}
		if token[at] != put {
			altered = append(altered, token[:at]+string(put)+token[at+1:])
		}
		for _, a := range altered {
			if plain, err := b.Open("cursor", a); !errors.Is(err, ErrForeign) || plain != nil {
				t.Fatalf("%q opened as %q, %v", a, plain, err)
			}
		}
	})
}

func TestATokenHasOneSpelling(t *testing.T) {
	t.Parallel()
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	b := box(t, key(1))
	for _, plain := range []string{"", "a", "ab"} { // the last character carries 4, 2 and 0 spare bits
		token := b.Seal("cursor", []byte(plain))
		last := len(token) - 1
		others := []string{token + "\n", "\r" + token, token + "=", token + "=="}
		for i := range len(alphabet) {
			if alphabet[i] != token[last] {
				others = append(others, token[:last]+alphabet[i:i+1])
			}
		}
		for _, other := range others {
			if _, err := b.Open("cursor", other); !errors.Is(err, ErrForeign) {
				t.Errorf("%q opens as %q does: %v", other, token, err)
			}
		}
	}
}

func TestOpenRefusesForeignTokens(t *testing.T) {
	t.Parallel()
	mine, other := box(t, key(1)), box(t, key(2))
	token := mine.Seal("cursor", []byte("req_1"))
	cases := map[string]struct {
		by             *Box
		purpose, token string
	}{
		"another purpose": {mine, "link", token},
		"longer purpose":  {mine, "cursor ", token},
		"another key":     {other, "cursor", token},
		"empty":           {mine, "cursor", ""},
		"no token":        {mine, "cursor", "req_1"},
		"too long":        {mine, "cursor", strings.Repeat("A", MaxToken+1)},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := c.by.Open(c.purpose, c.token); !errors.Is(err, ErrForeign) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAnOlderKeyOpensButNeverSeals(t *testing.T) {
	t.Parallel()
	before := box(t, key(1))
	after := box(t, key(2), key(1))
	if plain, err := after.Open("link", before.Seal("link", []byte("old"))); err != nil || string(plain) != "old" {
		t.Errorf("an old token opened as %q, %v", plain, err)
	}
	if _, err := before.Open("link", after.Seal("link", []byte("new"))); !errors.Is(err, ErrForeign) {
		t.Errorf("the new box seals with the old key: %v", err)
	}
}

func FuzzOpen(f *testing.F) {
	b := box(f, key(1))
	f.Add("cursor", b.Seal("cursor", []byte("req_1")))
	f.Add("", "AAAA")
	f.Fuzz(func(t *testing.T, purpose, token string) {
		if plain, err := b.Open(purpose, token); err == nil && purpose != "cursor" {
			t.Errorf("%q opened for %q as %q", token, purpose, plain)
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	sealer := box(b, key(1))
	plain := bytes.Repeat([]byte("x"), 60)
	b.ReportAllocs()
	for b.Loop() {
		sealer.Seal("cursor", plain)
	}
}
