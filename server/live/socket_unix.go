//go:build unix

package live

import (
	"errors"
	"net"
	"syscall"
)

// atOnce writes to a connection what its kernel buffer takes without waiting; nothing where
// there is no plain socket, as with TLS.
func atOnce(c net.Conn) func([]byte) (int, error) {
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return nothing
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return nothing
	}
	return func(data []byte) (n int, err error) {
		var refused error
		err = raw.Write(func(fd uintptr) bool {
			for {
				n, refused = syscall.Write(int(fd), data)
				if !errors.Is(refused, syscall.EINTR) {
					return true
				}
			}
		})
		n = max(n, 0)
		if errors.Is(refused, syscall.EAGAIN) {
			refused = nil
		}
		return n, errors.Join(err, refused)
	}
}

func nothing([]byte) (int, error) { return 0, nil }
