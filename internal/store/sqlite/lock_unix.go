//go:build unix && !solaris && !aix

package sqlite

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/fivesociety/linkage/internal/fault"
)

// lockInode locks the file itself, whatever name it was opened by: STORE_LOCKED if
// another process has it. A file of several names is refused even when nobody has it:
// the engine names its write-ahead log after the name, so that commits made under one
// name and not yet in the file cannot be seen under the other.
func lockInode(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	switch {
	case errors.Is(err, syscall.EWOULDBLOCK):
		return fault.New(fault.CodeStoreLocked, fault.Because(fmt.Errorf("sqlite: %s: another process has this file open, perhaps by another name: %w", f.Name(), err)))
	case err != nil:
		return fault.New(fault.CodeConfiguration, fault.P("what", "sqlite: cannot lock "+f.Name()), fault.Because(err))
	}
	info, err := f.Stat()
	if err != nil {
		return translate(err)
	}
	if s, ok := info.Sys().(*syscall.Stat_t); ok && s.Nlink > 1 {
		return fault.New(fault.CodeConfiguration, fault.P("what", fmt.Sprintf("sqlite: %s has %d names (hard links); a store must have one, so remove the others or copy the file", f.Name(), s.Nlink)))
	}
	return nil
}
