package division

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
)

// FactsEdition is the day as of which the embedded rows were right.
const FactsEdition = "2023-06-30"

//go:embed data/tangshan.csv.gz
var tangshan []byte

// Fact is one embedded row: a short code and the exact name of the statistics
// bureau's edition, with what the code says about it.
type Fact struct {
	Code  string
	Name  string
	Level Level
	Type  Type
}

// Facts yields the 6,575 rows of 唐山市: its province, the city, 18 county rows,
// 251 towns and 6,304 communities, ordered by short code, so that a parent
// comes before its parts. The file is unpacked while it is read and nothing is
// kept. It panics if the embedded file is damaged: no such program may run.
func Facts() iter.Seq[Fact] {
	return func(yield func(Fact) bool) {
		if err := eachFact(bytes.NewReader(tangshan), yield); err != nil {
			panic(err)
		}
	}
}

// Wanted yields those of the embedded rows that are wanted; nil wants all.
func Wanted(wanted func(Fact) bool) iter.Seq[Fact] {
	if wanted == nil {
		return Facts()
	}
	return func(yield func(Fact) bool) {
		for f := range Facts() {
			if wanted(f) && !yield(f) {
				return
			}
		}
	}
}

func eachFact(packed io.Reader, yield func(Fact) bool) error {
	plain, err := gzip.NewReader(packed)
	if err != nil {
		return fmt.Errorf("unpack division facts: %w", err)
	}
	rows := csv.NewReader(plain)
	rows.FieldsPerRecord = 2
	rows.ReuseRecord = true
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read division facts: %w", err)
		}
		fact := Fact{Code: row[0], Name: row[1], Level: LevelOf(row[0]), Type: TypeOf(row[0])}
		if fact.Code != Short(fact.Code) || fact.Type == typeUnknown {
			return fmt.Errorf("division facts: %q is no short division code", fact.Code)
		}
		if !yield(fact) {
			return nil
		}
	}
}
