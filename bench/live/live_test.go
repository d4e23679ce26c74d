package main

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

// The parts that need no server: what is asked for, and the frames that are counted.
func TestParse(t *testing.T) {
	for args, want := range map[string]string{
		"-n 0": "numbers of readers", "-n x": "numbers of readers", "-rounds 0": "at least one", "-boards none": "no board",
	} {
		if err := run(strings.Fields(args), io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", args, err, want)
		}
	}
}

func TestFrames(t *testing.T) {
	for _, size := range []int{0, 1, 125, 126, 1000, 65535, 65536} {
		var data []byte
		switch payload := bytes.Repeat([]byte("x"), size); {
		case size < 126:
			data = append([]byte{0x81, byte(size)}, payload...)
		case size < 1<<16:
			data = append([]byte{0x81, 126, byte(size >> 8), byte(size)}, payload...)
		default:
			data = append([]byte{0x81, 127, 0, 0, 0, 0, 0, byte(size >> 16), byte(size >> 8), byte(size)}, payload...)
		}
		for cut := range min(len(data), 12) {
			if _, _, _, whole := frame(data[:cut]); whole {
				t.Fatalf("%d bytes of a frame of %d are whole", cut, size)
			}
		}
		op, payload, rest, whole := frame(append(data, 0x89))
		if !whole || op != 1 || len(payload) != size || len(rest) != 1 {
			t.Errorf("frame of %d: %v %d %d %d", size, whole, op, len(payload), len(rest))
		}
	}
}

func TestEveryFilterIsAnotherOne(t *testing.T) {
	seen := map[string]bool{}
	for i := range many {
		seen[strings.Join(categories(i), " ")] = true
	}
	if len(seen) != many {
		t.Errorf("%d filters of %d", len(seen), many)
	}
}
