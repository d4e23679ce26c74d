//go:build !linux

package mongod

import "syscall"

// attributes only keep a terminal's interrupt from the member: other kernels
// have no signal for the death of a parent.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
