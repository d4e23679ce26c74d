//go:build unix

package live

import (
	"errors"
	"net"
	"sync"
	"syscall"
)

// bare is the socket under a connection; nil where there is no plain one, as with TLS.
func bare(c net.Conn) syscall.RawConn {
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return nil
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return nil
	}
	return raw
}

// attempt is one write to a socket that does not wait.
type attempt struct {
	data    []byte
	n       int
	refused error
	do      func(fd uintptr) bool
}

var attempts = sync.Pool{New: func() any {
	a := &attempt{}
	a.do = func(fd uintptr) bool {
		for {
			a.n, a.refused = syscall.Write(int(fd), a.data)
			if !errors.Is(a.refused, syscall.EINTR) {
				return true
			}
		}
	}
	return a
}}

// atOnce writes to a socket what its kernel buffer takes without waiting.
func atOnce(raw syscall.RawConn, data []byte) (int, error) {
	if raw == nil {
		return 0, nil
	}
	a := attempts.Get().(*attempt)
	a.data, a.n, a.refused = data, 0, nil
	err := raw.Write(a.do)
	n, refused := max(a.n, 0), a.refused
	a.data = nil
	attempts.Put(a)
	if errors.Is(refused, syscall.EAGAIN) {
		refused = nil
	}
	if err == nil {
		err = refused
	}
	return n, err
}
