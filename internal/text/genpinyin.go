//go:build ignore

// Genpinyin makes pinyin.txt from the Go module github.com/mozillazg/go-pinyin:
//
//	go mod download -json github.com/mozillazg/go-pinyin@v0.21.0 # says Dir
//	go run internal/text/genpinyin.go -out internal/text/data/pinyin.txt DIR/pinyin_dict.go
//
// A line is a syllable without tone, ü written v, and the characters whose first
// reading it is. The same module gives the same bytes.
package main

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"log"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

var entry = regexp.MustCompile(`^\t0x([0-9A-F]+): "([^",]+)`)

func main() {
	log.SetFlags(0)
	out := flag.String("out", "pinyin.txt", "file to write")
	flag.Parse()
	if flag.NArg() != 1 {
		log.Fatal("usage: genpinyin -out FILE pinyin_dict.go")
	}
	file, err := os.Open(flag.Arg(0))
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	chars := map[string][]rune{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		m := entry.FindStringSubmatch(lines.Text())
		if m == nil {
			continue
		}
		code, err := strconv.ParseInt(m[1], 16, 32)
		if err != nil {
			log.Fatal(err)
		}
		if s := toneless(m[2]); strings.ContainsAny(s, "aeiouv") {
			chars[s] = append(chars[s], rune(code))
		}
	}
	var text bytes.Buffer
	for _, s := range slices.Sorted(maps.Keys(chars)) {
		slices.Sort(chars[s])
		fmt.Fprintf(&text, "%s %s\n", s, string(chars[s]))
	}
	if err := os.WriteFile(*out, text.Bytes(), 0o644); err != nil {
		log.Fatal(err)
	}
}

// toneless takes the marks off; the dots of ü are no tone: lǜ is lv.
func toneless(s string) string {
	s = strings.ReplaceAll(norm.NFD.String(s), "u\u0308", "v")
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, s)
}
