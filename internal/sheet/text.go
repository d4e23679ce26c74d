package sheet

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/fivesociety/linkage/internal/fault"
)

const byteOrderMark = "\ufeff"

// texts is a CSV file.
type texts struct {
	name     string
	data     []byte
	encoding encoding.Encoding // nil for UTF-8
}

// openText finds the encoding: by its mark, else UTF-8 if it is that, else GB 18030,
// which older spreadsheets write in China.
func openText(name string, data []byte) (*texts, *Problem) {
	t := &texts{name: name, data: data}
	switch {
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}):
		t.encoding = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		t.encoding = unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	case bytes.HasPrefix(data, []byte(byteOrderMark)):
		t.data = data[len(byteOrderMark):]
	case !utf8.Valid(data):
		t.encoding = simplifiedchinese.GB18030
	}
	if row := t.broken(); row > 0 {
		return nil, &Problem{
			File: name, Row: row, Code: fault.CodeTextInvalid,
			Zh: "文字编码既不是 UTF-8 也不是 GB 18030，或文件已损坏；请另存为“CSV UTF-8”。",
			En: "The text is neither UTF-8 nor GB 18030, or the file is damaged; save it as \"CSV UTF-8\".",
		}
	}
	return t, nil
}

// broken is the row with the first byte that is no text; 0 if there is none.
func (t *texts) broken() int {
	if t.encoding == nil && utf8.Valid(t.data) {
		return 0
	}
	read, row := bufio.NewReader(t.reader()), 1
	for {
		r, _, err := read.ReadRune()
		switch {
		case err != nil:
			return 0
		case r == utf8.RuneError:
			return row
		case r == '\n':
			row++
		}
	}
}

// reader gives the text as UTF-8 with one form of line end.
func (t *texts) reader() io.Reader {
	var from io.Reader = bytes.NewReader(t.data)
	if t.encoding != nil {
		from = transform.NewReader(from, t.encoding.NewDecoder())
	}
	return &lineEnds{from: from}
}

func (t *texts) close() error { return nil }

func (t *texts) lines() (next func() (line, *Problem), done func(), problem *Problem) {
	reader := csv.NewReader(t.reader())
	reader.FieldsPerRecord = -1
	reader.ReuseRecord = true
	s := scanner{file: t.name, reader: reader}
	return s.next, func() {}, nil
}

// lineEnds turns \r\n and \r into \n.
type lineEnds struct {
	from io.Reader
	cr   bool // the last byte was one
}

// Read implements io.Reader.
func (l *lineEnds) Read(p []byte) (int, error) {
	for {
		n, err := l.from.Read(p)
		out := p[:0]
		for _, c := range p[:n] {
			if c == '\n' && l.cr {
				l.cr = false
				continue
			}
			if l.cr = c == '\r'; l.cr {
				c = '\n'
			}
			out = append(out, c)
		}
		if len(out) > 0 || err != nil {
			return len(out), err
		}
	}
}

// scanner reads records and keeps count of the spreadsheet's rows: a line break
// inside quotes does not begin a row, an empty line does.
type scanner struct {
	file   string
	reader *csv.Reader
	inside int // line breaks inside cells so far
}

// next is the next record that is not blank, without empty cells at its end.
func (s *scanner) next() (line, *Problem) {
	for {
		record, err := s.reader.Read()
		var parse *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return line{}, nil
		case errors.As(err, &parse):
			return line{}, &Problem{
				File: s.file, Row: parse.StartLine - s.inside, Code: fault.CodeInvalid,
				Zh: "引号不配对：内容里的引号须写两遍，并把整格放在引号里。",
				En: "Quotes do not match: double a quote inside a cell and put the whole cell in quotes.",
			}
		case err != nil:
			return line{}, &Problem{File: s.file, Code: fault.CodeInvalid, Zh: "无法读取。", En: "Cannot be read."}
		}
		at, _ := s.reader.FieldPos(0)
		l := line{number: at - s.inside}
		for _, cell := range record {
			s.inside += strings.Count(cell, "\n")
		}
		if l.cells = trim(record); len(l.cells) > 0 {
			return l, nil
		}
	}
}

// trim takes the spaces around cells and the empty cells at the end.
func trim(cells []string) []string {
	last := 0
	for i, cell := range cells {
		if cells[i] = strings.TrimSpace(cell); cells[i] != "" {
			last = i + 1
		}
	}
	return cells[:last]
}
