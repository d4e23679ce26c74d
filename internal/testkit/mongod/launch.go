package mongod

import (
	"os/exec"
	"runtime"
)

// A launcher starts processes from one thread that lives as long as it does:
// the kernel counts a child's parent by thread, and Go moves goroutines about.
type launcher struct {
	jobs chan launch
}

type launch struct {
	cmd  *exec.Cmd
	done chan error
}

// newLauncher returns a launcher; close ends it.
func newLauncher() *launcher {
	l := &launcher{jobs: make(chan launch)}
	go func() {
		// Never unlocked: the thread is to end with the goroutine.
		runtime.LockOSThread()
		for job := range l.jobs {
			job.done <- job.cmd.Start()
		}
	}()
	return l
}

func (l *launcher) start(cmd *exec.Cmd) error {
	cmd.SysProcAttr = attributes()
	job := launch{cmd: cmd, done: make(chan error, 1)}
	l.jobs <- job
	return <-job.done
}

// close ends the launching thread and, where the kernel can, what it launched.
func (l *launcher) close() { close(l.jobs) }
