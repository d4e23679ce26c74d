package live

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Subprotocol is the one websocket subprotocol that the transport speaks.
const Subprotocol = "graphql-transport-ws"

// The codes that end a connection. 44xx are the protocol's, 1xxx RFC 6455's.
// The stock graphql-ws client comes back after 1001, 1013, 4403 and 4408; the
// others it takes for final.
const (
	CloseGoingAway      = 1001 // the server stops
	CloseNotText        = 1007 // a text frame that is no UTF-8
	CloseTooBig         = 1009 // a message over Limits.Message
	CloseTryAgainLater  = 1013 // the reader is too slow, or the server can't answer now
	CloseInvalidMessage = 4400
	CloseUnauthorized   = 4401 // subscribe before the acknowledgement
	CloseForbidden      = 4403 // refused, expired or revoked
	CloseSubprotocol    = 4406
	CloseTimeout        = 4408 // no connection_init, or no sign of life
	CloseDuplicate      = 4409
	CloseTooManyInits   = 4429
	CloseInternal       = 4500
)

// maxReason is what a close frame has room for beside the code.
const maxReason = 123

// CloseError ends the whole connection with a code. Hooks and resolvers return
// it where an ordinary error would end one operation only.
type CloseError struct {
	Code   int
	Reason string // shown to the client, cut to 123 bytes
}

// Error is for logs.
func (e *CloseError) Error() string { return fmt.Sprintf("close %d: %s", e.Code, e.Reason) }

// SocketClose makes CloseError a Closer.
func (e *CloseError) SocketClose() (int, string) { return e.Code, e.Reason }

// Closer is an error that ends the connection rather than one operation. Other
// packages implement it so that they need not know this one.
type Closer interface {
	error
	// SocketClose says which close code and reason the client is to see.
	SocketClose() (code int, reason string)
}

// fits cuts a reason to what a close frame holds, at a rune's border.
func fits(reason string) string {
	reason = strings.ToValidUTF8(reason, "�")
	if len(reason) <= maxReason {
		return reason
	}
	reason = reason[:maxReason]
	for !utf8.ValidString(reason) {
		reason = reason[:len(reason)-1]
	}
	return reason
}
