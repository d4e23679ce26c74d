package sqlite

import (
	"context"
	"errors"

	driver "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"github.com/fivesociety/linkage/internal/fault"
)

// translate is translate, and UNAVAILABLE for whatever a closed engine says: its
// texts differ with what the call was doing, its reason does not.
func (a *Adapter) translate(err error) error {
	if err != nil && a.closed.Load() && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		if _, ok := fault.As(err); !ok {
			return fault.New(fault.CodeUnavailable, fault.Because(err))
		}
	}
	return translate(err)
}

// translate turns the driver's errors into faults, once, so that no text of the
// engine travels further. Cancelled contexts and faults pass.
func translate(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if _, ok := fault.As(err); ok {
		return err
	}
	switch code(err) & 0xff {
	case lib.SQLITE_FULL:
		return fault.New(fault.CodeStoreFull, fault.Because(err))
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED, lib.SQLITE_IOERR, lib.SQLITE_CANTOPEN, lib.SQLITE_READONLY:
		return fault.New(fault.CodeUnavailable, fault.Because(err))
	case lib.SQLITE_NOTADB, lib.SQLITE_CORRUPT:
		return fault.New(fault.CodeConfiguration, fault.P("what", "sqlite: the file is damaged or no database"), fault.Because(err))
	case lib.SQLITE_INTERRUPT:
		return context.Canceled
	}
	return fault.New(fault.CodeInternal, fault.Because(err))
}

func isBusy(err error) bool { return code(err)&0xff == lib.SQLITE_BUSY }

func code(err error) int {
	var e *driver.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}
