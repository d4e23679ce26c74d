package oidc

import (
	"errors"
	"io"
	"net/http"
	"time"
)

// Bounds of one question to an issuer.
const (
	askWithin = 5 * time.Second // the whole answer, body included
	maxAnswer = 1 << 20
)

var errTooBig = errors.New("the issuer's answer is longer than 1 MiB")

// client asks issuers. It follows no redirect: an issuer is who the configuration
// says, not whom that points to.
func client(within time.Duration) *http.Client {
	return &http.Client{
		Timeout:       within,
		Transport:     bounded{http.DefaultTransport},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// bounded ends the reading of an answer that is too long.
type bounded struct{ next http.RoundTripper }

// RoundTrip asks the next one and bounds what is read of its answer.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	resp.Body = &body{ReadCloser: resp.Body, left: maxAnswer}
	return resp, nil
}

type body struct {
	io.ReadCloser
	left int
}

// Read fails with errTooBig instead of handing on the first byte too many.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= n; b.left < 0 {
		return 0, errTooBig
	}
	return n, err
}
