package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// order is what a child is told, one a line; answer is what it says to it.
type order struct {
	Do      string   // what
	N       int      `json:",omitempty"`
	Skip    int      `json:",omitempty"`
	Kind    string   `json:",omitempty"`
	Addr    string   `json:",omitempty"`
	File    string   `json:",omitempty"`
	Text    string   `json:",omitempty"`
	Filters int      `json:",omitempty"`
	Began   []int64  `json:",omitempty"`
	Small   int      `json:",omitempty"` // how many of the readers have small buffers
	List    []string `json:",omitempty"`
}

type answer struct {
	Err     string `json:",omitempty"`
	Addr    string `json:",omitempty"`
	Page    [2]string
	Payload string   `json:",omitempty"`
	Tokens  []string `json:",omitempty"`
	Began   []int64  `json:",omitempty"`
	At      int64    `json:",omitempty"`
	Usage   usage
	Count   int       `json:",omitempty"`
	Took    []float64 `json:",omitempty"`
	Closed  []int64   `json:",omitempty"`
}

// process is a child that does what it is told, one order after the other.
type process struct {
	name string
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
}

func start(role string, env ...string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &process{name: role, cmd: exec.CommandContext(context.Background(), self, "child", role)}
	p.cmd.Stderr = os.Stderr
	p.cmd.Env = append(os.Environ(), env...)
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.out = bufio.NewReaderSize(out, 1<<20)
	return p, p.cmd.Start()
}

// ask gives an order and waits for the answer.
func (p *process) ask(o order) (answer, error) {
	raw, err := json.Marshal(o)
	if err != nil {
		return answer{}, err
	}
	if _, err := p.in.Write(append(raw, '\n')); err != nil {
		return answer{}, fmt.Errorf("%s: %w", p.name, err)
	}
	line, err := p.out.ReadBytes('\n')
	if err != nil {
		return answer{}, fmt.Errorf("%s: %s: %w", p.name, o.Do, err)
	}
	var a answer
	if err := json.Unmarshal(line, &a); err != nil {
		return a, err
	}
	if a.Err != "" {
		return a, fmt.Errorf("%s: %s: %s", p.name, o.Do, a.Err)
	}
	return a, nil
}

// close ends the child: it goes when nobody gives orders any more.
func (p *process) close() {
	_ = p.in.Close()
	late := time.AfterFunc(20*time.Second, func() { _ = p.cmd.Process.Kill() })
	defer late.Stop()
	_ = p.cmd.Wait()
}

// child is the other side of a process.
func child(role string) error {
	var do func(order) (answer, error)
	var err error
	if role == "readers" {
		do, err = newReaders()
	} else {
		var end func()
		if do, end, err = serving(role); err == nil {
			defer end()
		}
	}
	if err != nil {
		return err
	}
	in, out := bufio.NewReaderSize(os.Stdin, 1<<20), json.NewEncoder(os.Stdout)
	for {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		var o order
		if err := json.Unmarshal(line, &o); err != nil {
			return err
		}
		a, err := do(o)
		if err != nil {
			a.Err = err.Error()
		}
		if err := out.Encode(a); err != nil {
			return err
		}
	}
}
