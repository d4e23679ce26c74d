package webhook

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/fivesociety/linkage/internal/fault"
)

// Bounds of one attempt.
const (
	answerWithin = 10 * time.Second
	answerBytes  = 64 << 10
	maxURL       = 2000
)

// errRefused: the address is none that the platform may call.
var errRefused = errors.New("address refused")

// Targets are the addresses that webhooks may call: public ones over https on port
// 443 or 8443, and those of an operator's list.
type Targets struct {
	AllowHTTP bool           // http as well, on ports 80 and 8080: for development
	Allowed   []netip.Prefix // private networks that may be called, on any port
	Within    time.Duration  // how long an answer may take; 10 s

	client *http.Client
}

// prepare makes the client.
func (t *Targets) prepare() *Targets {
	if t.Within == 0 {
		t.Within = answerWithin
	}
	// The address is judged when it is dialled, after the name was resolved: a name that
	// resolves to something else the second time is judged by what it then is.
	dialer := &net.Dialer{Timeout: t.Within, Control: func(_, address string, _ syscall.RawConn) error { return t.judge(address) }}
	t.client = &http.Client{
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSHandshakeTimeout: t.Within, ResponseHeaderTimeout: t.Within,
			MaxResponseHeaderBytes: answerBytes, MaxIdleConnsPerHost: parallel, IdleConnTimeout: time.Minute, DisableCompression: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       t.Within,
	}
	return t
}

// reserved are networks that no public service answers from, beside those that
// netip.Addr knows. What embeds an IPv4 address is refused whole.
var reserved = prefixes(
	"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
	"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "fec0::/10",
)

func prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, s := range list {
		out[i] = netip.MustParsePrefix(s)
	}
	return out
}

// judge refuses an address and port that the platform may not call.
func (t *Targets) judge(address string) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return errRefused
	}
	ip := at.Addr().Unmap().WithZone("")
	if contains(t.Allowed, ip) {
		return nil
	}
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || contains(reserved, ip) || !t.port(at.Port()) {
		return errRefused
	}
	return nil
}

func (t *Targets) port(p uint16) bool {
	return p == 443 || p == 8443 || t.AllowHTTP && (p == 80 || p == 8080)
}

func contains(list []netip.Prefix, ip netip.Addr) bool {
	return slices.ContainsFunc(list, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// Check refuses a URL that could never be called: INVALID with the rule. Whether its
// name leads to a public address is asked at each delivery.
func (t *Targets) Check(raw string, path ...string) error {
	bad := func(rule fault.Option) error { return fault.New(fault.CodeInvalid, fault.At(path...), rule) }
	u, err := url.Parse(raw)
	switch {
	case err != nil || len(raw) > maxURL || u.Hostname() == "" || u.User != nil || u.Fragment != "":
		return bad(fault.P("rule", "WEBHOOK_URL"))
	case u.Scheme != "https" && (u.Scheme != "http" || !t.AllowHTTP):
		return bad(fault.P("rule", "WEBHOOK_HTTPS"))
	}
	port := map[string]string{"https": "443", "http": "80"}[u.Scheme]
	if u.Port() != "" {
		port = u.Port()
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil {
		if t.judge(netip.AddrPortFrom(ip, number(port)).String()) != nil {
			return bad(fault.P("rule", "WEBHOOK_PUBLIC"))
		}
		return nil
	}
	if len(t.Allowed) == 0 && !t.port(number(port)) {
		return bad(fault.P("rule", "WEBHOOK_PORT"))
	}
	return nil
}

func number(port string) uint16 {
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return 0
	}
	return uint16(n)
}

// post sends a message and tells how it was answered: the status, or why there was
// none. The answer's body is read up to 64 kB and dropped; a redirect is an answer.
func (t *Targets) post(ctx context.Context, to string, header http.Header, body io.Reader) (status int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, body)
	if err != nil {
		return 0, err
	}
	req.Header = header
	resp, err := t.client.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = resp.Body.Close() }()
	_, err = io.Copy(io.Discard, io.LimitReader(resp.Body, answerBytes))
	if err != nil && resp.StatusCode/100 == 2 {
		return 0, err // it may not have taken the message whole
	}
	return resp.StatusCode, nil
}

// told is an attempt's outcome in a few words without addresses; "" for a success.
func told(status int, err error) string {
	var timeout net.Error
	switch {
	case errors.Is(err, errRefused):
		return "ADDRESS_REFUSED"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "TIMEOUT"
	case err != nil:
		return "NO_ANSWER"
	case status/100 == 2:
		return ""
	}
	return fmt.Sprintf("HTTP_%d", status)
}
