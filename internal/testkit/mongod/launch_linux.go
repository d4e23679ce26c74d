package mongod

import "syscall"

// attributes make the kernel end a member when the thread that launched it
// ends, so that not even a test binary that is killed leaves a server behind.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
