package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// usage is what a process has used, and holds.
type usage struct {
	CPU        time.Duration
	RSS        int64 // bytes
	Goroutines int
	Readers    int
	Heap       int64 // bytes in use
	Stacks     int64 // of goroutines, bytes in use
}

func used(readers int) usage {
	var r syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r) // of oneself it can't fail
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return usage{
		CPU: time.Duration(r.Utime.Nano() + r.Stime.Nano()), RSS: rss(), Goroutines: runtime.NumGoroutine(), Readers: readers,
		Heap: int64(m.HeapAlloc), Stacks: int64(m.StackInuse), //nolint:gosec // sizes of memory fit
	}
}

// settle gives back what is not in use, so that RSS tells what is held.
func settle() {
	for range 3 {
		runtime.GC()
	}
	debug.FreeOSMemory()
}

func rss() int64 { return statm("/proc/self/statm") }

func statm(file string) int64 {
	raw, _ := os.ReadFile(file)
	fields := strings.Fields(string(raw))
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(fields[1], 10, 64)
	return pages * int64(os.Getpagesize())
}

func loadavg() string {
	raw, _ := os.ReadFile("/proc/loadavg")
	fields := strings.Fields(string(raw))
	if len(fields) < 3 {
		return "unknown"
	}
	return strings.Join(fields[:3], " ")
}

// kernelMemory is what TCP sockets of the machine hold, in bytes; false where it can't be read.
func kernelMemory() (int64, bool) {
	raw, _ := os.ReadFile("/proc/net/sockstat")
	for line := range strings.Lines(string(raw)) {
		if f := strings.Fields(line); len(f) > 2 && f[0] == "TCP:" && f[len(f)-2] == "mem" {
			pages, err := strconv.ParseInt(f[len(f)-1], 10, 64)
			return pages * int64(os.Getpagesize()), err == nil
		}
	}
	return 0, false
}
