//go:build ignore

// Command generate writes data/days.txt from the npm package chinese-days:
//
//	npm pack chinese-days@1.5.7 && tar xf chinese-days-1.5.7.tgz
//	go run generate.go package/dist/chinese-days.json
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"slices"
	"strings"
)

// version is that of the package; a newer one brings the notice of another year.
const version = "1.5.7"

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: go run generate.go package/dist/chinese-days.json")
	}
	raw, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	var data struct{ Holidays, Workdays map[string]string }
	if err := json.Unmarshal(raw, &data); err != nil {
		log.Fatal(err)
	}
	var lines []string
	for kind, list := range map[string]map[string]string{"off": data.Holidays, "work": data.Workdays} {
		for day := range list {
			lines = append(lines, day+" "+kind)
		}
	}
	slices.Sort(lines)
	head := fmt.Sprintf("# chinese-days %s (MIT, see NOTICE); written by generate.go\n", version)
	if err := os.WriteFile("data/days.txt", []byte(head+strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
		log.Fatal(err)
	}
}
