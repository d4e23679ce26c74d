package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// file reads flags from a JSON object. A key that is no flag of any subcommand is
// refused, so that a misspelt setting does not silently do nothing; the value's form
// is checked as on the command line.
func file(r io.Reader) (kong.Resolver, error) {
	var given map[string]any
	d := json.NewDecoder(r)
	d.UseNumber()
	if err := d.Decode(&given); err != nil {
		return nil, fmt.Errorf("configuration file: not a JSON object: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("configuration file: something follows the JSON object")
	}
	return resolver{given}, nil
}

type resolver struct{ given map[string]any }

// Validate refuses unknown keys.
func (r resolver) Validate(app *kong.Application) error {
	known := map[string]bool{}
	_ = kong.Visit(app, func(n kong.Visitable, next kong.Next) error {
		if f, ok := n.(*kong.Flag); ok {
			known[f.Name] = true
		}
		return next(nil)
	})
	for _, key := range slices.Sorted(maps.Keys(r.given)) {
		if !known[strings.ReplaceAll(key, "_", "-")] {
			return fmt.Errorf("configuration file: there is no setting %q", key)
		}
	}
	return nil
}

// Resolve gives a flag its value from the file.
func (r resolver) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, key := range []string{flag.Name, strings.ReplaceAll(flag.Name, "-", "_")} {
		if v, ok := r.given[key]; ok {
			return v, nil
		}
	}
	return nil, nil
}

// strange are the variables of an environment that look like settings and are none of any
// subcommand: most are misspelt. It is no error, because others may use the prefix too.
func strange(app *kong.Application, environ []string) (names []string) {
	known := map[string]bool{}
	_ = kong.Visit(app, func(n kong.Visitable, next kong.Next) error {
		if f, ok := n.(*kong.Flag); ok {
			for _, name := range f.Envs {
				known[name] = true
			}
		}
		return next(nil)
	})
	for _, v := range environ {
		if name, _, _ := strings.Cut(v, "="); strings.HasPrefix(name, "LINKAGE_") && !known[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
