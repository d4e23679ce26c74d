package webhook

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"github.com/fivesociety/linkage/internal/seal"
)

const (
	secretPurpose = "webhook-secret"
	secretPrefix  = "whsec_" // as Standard Webhooks writes secrets
	secretSize    = 32
	overlap       = 24 * time.Hour // how long the secret before signs too
)

// newSecret makes a secret: the text shown once, and what is kept.
func newSecret(box *seal.Box) (shown string, kept secret) {
	key := make([]byte, secretSize)
	_, _ = rand.Read(key) // never fails: it ends the program if the system has no entropy
	return secretPrefix + base64.StdEncoding.EncodeToString(key), secret{Sealed: box.Seal(secretPurpose, key)}
}

// rotate puts a new secret in front; the one before it signs for a day more.
func (r *run) rotate(kept secret, now time.Time) {
	old := r.Secrets[0]
	old.Until = now.Add(overlap)
	r.Secrets = []secret{kept, old}
}

// signatures is the header webhook-signature: one of each secret in force, newest
// first.
func (r *run) signatures(box *seal.Box, id string, at time.Time, body []byte) (string, error) {
	var out []string
	for _, s := range r.Secrets {
		if !s.Until.IsZero() && !at.Before(s.Until) {
			continue
		}
		key, err := box.Open(secretPurpose, s.Sealed)
		if err != nil {
			return "", err
		}
		out = append(out, Sign(key, id, at, body))
	}
	return strings.Join(out, " "), nil
}

// Sign is the signature "v1,…" of Standard Webhooks over a message.
func Sign(key []byte, id string, at time.Time, body []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + strconv.FormatInt(at.Unix(), 10) + "."))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
