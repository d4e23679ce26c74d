package wsclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const writeTimeout = 10 * time.Second

// Options are what Dial may be told; the zero value is fine.
type Options struct {
	Locale string         // for messages, "zh-CN" or "en"
	Origin string         // sent as the Origin header when not empty
	Init   map[string]any // more fields for connection_init's payload
	Buffer int            // messages a subscription may lag behind; default 1,024
	Dialer *websocket.Dialer
}

// CloseError is how the server ended the connection.
type CloseError struct {
	Code   int
	Reason string
}

// Error is for people.
func (e *CloseError) Error() string {
	return fmt.Sprintf("wsclient: closed with %d %s", e.Code, e.Reason)
}

// ErrClosed is what operations see after the caller's own Close.
var ErrClosed = errors.New("wsclient: closed")

// Client is one acknowledged connection. It is safe for concurrent use. A
// subscription that nobody reads stops the whole connection once its buffer is
// full, as TCP would.
type Client struct {
	// Ack is the payload of the server's acknowledgement.
	Ack json.RawMessage

	ws     *websocket.Conn
	buffer int

	writeMu sync.Mutex

	mu     sync.Mutex
	subs   map[string]*Subscription
	lastID int
	err    error // why the connection ended
	done   chan struct{}
	pongs  chan json.RawMessage
}

type envelope struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// Dial connects to a ws:// or wss:// address and waits for the acknowledgement.
// A non-empty token is sent as {"authorization": "Bearer …"}. A refusal is a
// *CloseError. Close must be called.
func Dial(ctx context.Context, url, token string, o Options) (*Client, error) {
	dialer := websocket.Dialer{HandshakeTimeout: writeTimeout}
	if o.Dialer != nil {
		dialer = *o.Dialer
	}
	dialer.Subprotocols = []string{"graphql-transport-ws"}
	header := http.Header{}
	if o.Origin != "" {
		header.Set("Origin", o.Origin)
	}
	ws, resp, err := dialer.DialContext(ctx, url, header)
	if err != nil {
		if resp != nil {
			return nil, fmt.Errorf("wsclient: dial %s: %s: %w", url, resp.Status, err)
		}
		return nil, fmt.Errorf("wsclient: dial %s: %w", url, err)
	}
	c := &Client{
		ws: ws, buffer: o.Buffer, subs: map[string]*Subscription{},
		done: make(chan struct{}), pongs: make(chan json.RawMessage, 1),
	}
	if c.buffer <= 0 {
		c.buffer = 1024
	}
	if err := c.greet(ctx, token, o); err != nil {
		_ = ws.Close()
		return nil, err
	}
	go c.read()
	return c, nil
}

func (c *Client) greet(ctx context.Context, token string, o Options) error {
	stop := context.AfterFunc(ctx, func() { _ = c.ws.Close() })
	defer stop()
	payload := map[string]any{}
	for k, v := range o.Init {
		payload[k] = v
	}
	if token != "" {
		payload["authorization"] = "Bearer " + token
	}
	if o.Locale != "" {
		payload["locale"] = o.Locale
	}
	if err := c.send("", "connection_init", payload); err != nil {
		return err
	}
	for {
		var m envelope
		if err := c.ws.ReadJSON(&m); err != nil {
			return errors.Join(ctx.Err(), translate(err))
		}
		switch m.Type {
		case "connection_ack":
			c.Ack = m.Payload
			return nil
		case "ping":
			if err := c.send("", "pong", nil); err != nil {
				return err
			}
		}
	}
}

// Ping sends a protocol ping and waits for the pong.
func (c *Client) Ping(ctx context.Context) error {
	if err := c.send("", "ping", nil); err != nil {
		return err
	}
	select {
	case <-c.pongs:
		return nil
	case <-c.done:
		return c.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close says goodbye with 1000 and waits until the connection has ended.
func (c *Client) Close() error {
	c.fail(ErrClosed)
	bye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	_ = c.ws.WriteControl(websocket.CloseMessage, bye, time.Now().Add(writeTimeout))
	_ = c.ws.SetReadDeadline(time.Now().Add(writeTimeout))
	<-c.done
	return nil
}

// Done is closed when the connection has ended.
func (c *Client) Done() <-chan struct{} { return c.done }

// Err says why the connection ended: a *CloseError when the server said so,
// ErrClosed after Close; nil while it is open.
func (c *Client) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

func (c *Client) send(id, kind string, payload any) error {
	m := envelope{ID: id, Type: kind}
	if payload != nil {
		raw, err := json.Marshal(payload)
		if err != nil {
			return fmt.Errorf("wsclient: encode %s: %w", kind, err)
		}
		m.Payload = raw
	}
	c.writeMu.Lock()
	defer c.writeMu.Unlock()
	_ = c.ws.SetWriteDeadline(time.Now().Add(writeTimeout))
	if err := c.ws.WriteJSON(m); err != nil {
		return fmt.Errorf("wsclient: send %s: %w", kind, err)
	}
	return nil
}

func (c *Client) read() {
	defer close(c.done)
	defer func() { _ = c.ws.Close() }()
	for {
		var m envelope
		if err := c.ws.ReadJSON(&m); err != nil {
			c.fail(translate(err))
			return
		}
		switch m.Type {
		case "ping":
			_ = c.send("", "pong", m.Payload)
		case "pong":
			select {
			case c.pongs <- m.Payload:
			default:
			}
		case "next", "error", "complete":
			if s := c.find(m); s != nil {
				s.deliver(m)
			}
		}
	}
}

// find looks a subscription up and forgets it after its last message.
func (c *Client) find(m envelope) *Subscription {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.subs[m.ID]
	if m.Type != "next" {
		delete(c.subs, m.ID)
	}
	return s
}

// fail notes why the connection ended and tells every subscription.
func (c *Client) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.err = err
	}
	for id, s := range c.subs {
		s.end(c.err)
		delete(c.subs, id)
	}
}

func (c *Client) nextID() string {
	c.lastID++
	return strconv.Itoa(c.lastID)
}

func translate(err error) error {
	var e *websocket.CloseError
	if errors.As(err, &e) {
		return &CloseError{e.Code, e.Text}
	}
	return fmt.Errorf("wsclient: read: %w", err)
}
