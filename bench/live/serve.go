package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime/pprof"
	"time"
)

// target is one of those that are compared.
type target interface {
	// publish tells n events at once to all readers and returns when each began to be told.
	publish(n int) ([]int64, error)
	readers() int
	// prepare answers what is not common to all: "" of what it does not know.
	prepare(o order) (answer, error)
}

// serving starts a server on a free port and returns what takes its orders.
func serving(kind string) (do func(order) (answer, error), end func(), err error) {
	var s target
	var addr string
	end = func() {}
	if kind == "ours" {
		var o *ours
		if o, err = newOurs(); err != nil {
			return nil, nil, err
		}
		s, addr, end = o, o.addr, o.close
	} else {
		var h http.Handler
		switch kind {
		case "raw":
			r := newRaw()
			s, h = r, r
		case "gqlgen":
			g := newGqlgen()
			s, h = g, g.handler()
		case "centrifuge":
			c, err := newFuge()
			if err != nil {
				return nil, nil, err
			}
			s, h = c, c.handler()
		default:
			return nil, nil, fmt.Errorf("no server %q", kind)
		}
		l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it lives as long as the process
		if err != nil {
			return nil, nil, err
		}
		addr = l.Addr().String()
		go func() { _ = (&http.Server{Handler: h, ReadHeaderTimeout: time.Minute}).Serve(l) }()
	}
	if folder := os.Getenv("LIVE_PROFILE"); folder != "" {
		f, err := os.Create(filepath.Join(folder, kind+".cpu"))
		if err != nil {
			return nil, nil, err
		}
		if err := pprof.StartCPUProfile(f); err != nil {
			return nil, nil, err
		}
		before := end
		end = func() { pprof.StopCPUProfile(); _ = f.Close(); before() }
	}
	return func(o order) (answer, error) { return serve(s, kind, addr, o) }, end, nil
}

func serve(s target, kind, addr string, o order) (answer, error) {
	switch o.Do {
	case "address":
		return answer{Addr: addr}, nil
	case "publish":
		began, err := s.publish(max(1, o.N))
		return answer{Began: began}, err
	case "paced": // N events, Skip of them a second
		var a answer
		for next := time.Now(); len(a.Began) < o.N; next = next.Add(time.Second / time.Duration(o.Skip)) {
			time.Sleep(time.Until(next))
			began, err := s.publish(1)
			if err != nil {
				return a, err
			}
			a.Began = append(a.Began, began...)
		}
		return a, nil
	case "usage":
		return answer{Usage: used(s.readers())}, nil
	case "settle":
		settle()
		if folder := os.Getenv("LIVE_PROFILE"); folder != "" {
			for _, name := range []string{"heap", "goroutine"} {
				if err := dump(filepath.Join(folder, fmt.Sprintf("%s-%s-%d", kind, name, s.readers())), name); err != nil {
					return answer{}, err
				}
			}
		}
		return answer{Usage: used(s.readers())}, nil
	}
	return s.prepare(o)
}

// dump writes a profile of what there is at this moment. GODEBUG=memprofilerate=512 makes
// that of the heap exact enough for one connection.
func dump(file, profile string) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	return errors.Join(pprof.Lookup(profile).WriteTo(f, 0), f.Close())
}
