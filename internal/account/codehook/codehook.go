// Package codehook sends phone codes through an HTTP endpoint of the operator's, so
// that any SMS gateway can be used without writing Go. It knows no account. The rule
// it keeps: phone and code go to the one configured address and nowhere else, least
// of all into an error.
package codehook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/fault"
)

// Sender posts each message as JSON:
//
//	{"phone": "+8613800138000", "code": "042137", "validSeconds": 300, "locale": "zh"}
//
// with the header "Authorization: Bearer TOKEN". Any status from 200 to 299 says that
// the gateway took it; the body is not read. It follows no redirect and tries once.
type Sender struct {
	url    string
	token  string
	client *http.Client
}

var _ account.CodeSender = (*Sender)(nil)

// within bounds one post, however slow the gateway is.
const within = 8 * time.Second

// New makes a sender. CONFIGURATION_INVALID for what is no http URL, and in
// production for what is not https or comes without a token.
func New(address, token string, production bool) (*Sender, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || (u.Scheme != "https" && (u.Scheme != "http" || production)) {
		return nil, fault.New(fault.CodeConfiguration, fault.P("what", "sms: want log or the https URL of a webhook (http only outside of production)"))
	}
	if production && token == "" {
		return nil, fault.New(fault.CodeConfiguration, fault.P("what", "sms-token: a webhook needs a token in production"))
	}
	return &Sender{url: address, token: token, client: &http.Client{
		Timeout:       within,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// Send posts one message. The error says what failed, never for whom or with what.
func (s *Sender) Send(ctx context.Context, m account.Message) error {
	body, err := json.Marshal(map[string]any{
		"phone": m.Phone, "code": m.Code, "validSeconds": int(m.Valid.Seconds()), "locale": m.Locale,
	})
	if err != nil {
		return fmt.Errorf("encode message: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return errors.New("sms webhook: the address cannot be asked")
	}
	req.Header.Set("Content-Type", "application/json")
	if s.token != "" {
		req.Header.Set("Authorization", "Bearer "+s.token)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		var asked *url.Error
		if errors.As(err, &asked) {
			err = asked.Err // without the URL, which may hold a key
		}
		return fmt.Errorf("sms webhook: %w", err)
	}
	defer resp.Body.Close()
	_, _ = io.CopyN(io.Discard, resp.Body, 4<<10) // so that the connection can be used again
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return fmt.Errorf("sms webhook: status %d", resp.StatusCode)
	}
	return nil
}
