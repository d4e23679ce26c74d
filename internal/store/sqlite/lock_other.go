//go:build !unix || solaris || aix

package sqlite

import "os"

// lockInode does nothing where the system has no such lock: there the lock by name
// is the only one.
func lockInode(*os.File) error { return nil }
