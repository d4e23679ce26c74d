package live

import (
	"context"
	"time"

	"github.com/fivesociety/linkage/internal/fault"
)

// Session is who speaks on a connection, and until when. The zero value is an
// anonymous caller whose session never ends.
type Session struct {
	ID      string    // of the sign-in, for CloseSession; may be empty
	Account string    // account id, for CloseAccount; empty when anonymous
	Expires time.Time // zero: never. At this moment the connection closes with 4403
	// Bind puts the caller into the context of each operation that starts while
	// the session holds; nil adds nothing. It runs once an operation; its error ends
	// it. The end of the operation is not yet in its context.
	Bind func(context.Context) (context.Context, error)
}

// Session is the connection's present session.
func (c *Conn) Session() Session {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.session
}

// Renew replaces the session, so that the connection lives on to the new expiry.
// Running operations go on; those started later are bound to the new session. A
// session of another account is refused with FORBIDDEN, one on a closed
// connection with SESSION_ENDED.
func (c *Conn) Renew(s Session) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return fault.New(fault.CodeSessionEnded)
	}
	if s.Account != c.session.Account {
		return fault.New(fault.CodeForbidden)
	}
	c.adopt(s)
	return nil
}

// Close ends the connection at once with a code, dropping what is queued. Codes
// are the package's constants; a reason is cut to 123 bytes.
func (c *Conn) Close(code int, reason string) { c.shut(code, reason, false) }

// adopt sets the session and arms its end; c.mu is held.
func (c *Conn) adopt(s Session) {
	c.session = s
	if c.expiry != nil {
		c.expiry.Stop()
		c.expiry = nil
	}
	if s.Expires.IsZero() {
		return
	}
	c.armExpiry()
}

// armExpiry asks for the call at the session's end; c.mu is held.
func (c *Conn) armExpiry() {
	clk := c.transport.clock()
	c.expiry = clk.AfterFunc(c.session.Expires.Sub(clk.Now()), c.expire)
}

func (c *Conn) expire() {
	c.mu.Lock()
	ends := c.session.Expires
	early := ends.After(c.transport.clock().Now())
	if early && !c.closed {
		// A renewal came while this call was on its way, or the clock was set back.
		c.expiry.Stop()
		c.armExpiry()
	}
	c.mu.Unlock()
	if !early && !ends.IsZero() {
		c.shut(CloseForbidden, "Session expired", false)
	}
}
