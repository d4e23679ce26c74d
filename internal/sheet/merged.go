package sheet

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strings"

	"github.com/xuri/excelize/v2"
)

// errTooBig is a workbook whose parts unpack to more than it may have.
var errTooBig = errors.New("sheet: the workbook unpacks to too much")

// region is a block of merged cells, counted from 1.
type region struct{ left, top, right, bottom int }

// regions are those of a sheet by their first row.
type regions map[int][]region

// filler gives every row of a block that is one column wide the block's content:
// what is written once beside several rows is meant for each. A block over several
// columns has no such meaning: it is named.
func (r regions) filler() func(row int, cells []string) (filled []string, wide string) {
	type under struct {
		region
		content string
	}
	var open []under
	return func(row int, cells []string) ([]string, string) {
		wide := ""
		for _, reg := range r[row] {
			content := ""
			if reg.left <= len(cells) {
				content = cells[reg.left-1]
			}
			open = append(open, under{reg, content})
		}
		left := open[:0]
		for _, u := range open {
			if row > u.bottom {
				continue
			}
			left = append(left, u)
			if u.right > u.left {
				wide, _ = excelize.CoordinatesToCellName(u.left, u.top) // it came as such a name
				continue
			}
			for len(cells) < u.left {
				cells = append(cells, "")
			}
			cells[u.left-1] = u.content
		}
		open = left
		return cells, wide
	}
}

// mergedIn finds the merged cells of a sheet. They stand behind all rows in its part,
// and the library reads them only with the whole part in memory.
func mergedIn(data []byte, sheet string) (regions, error) {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	name, err := partOf(archive, sheet)
	if err != nil {
		return nil, err
	}
	part, err := archive.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = part.Close() }()
	out := regions{}
	read := bufio.NewReaderSize(io.LimitReader(part, maxBook), 1<<16)
	for {
		tag, err := read.ReadSlice('>') // a tag and what stands in front of it
		if errors.Is(err, bufio.ErrBufferFull) {
			continue // a long text, which is no tag of merged cells
		}
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		at := bytes.LastIndexByte(tag, '<')
		if at < 0 || !bytes.Contains(tag[at:], []byte("mergeCell ")) {
			continue
		}
		if err := out.add(string(tag[at:])); err != nil {
			return nil, err
		}
	}
}

func (r regions) add(tag string) error {
	_, ref, _ := strings.Cut(tag, `ref="`)
	ref, _, _ = strings.Cut(ref, `"`)
	from, to, ok := strings.Cut(strings.ReplaceAll(ref, "$", ""), ":")
	if !ok {
		return nil // one cell
	}
	var reg region
	var err, err2 error
	reg.left, reg.top, err = excelize.CellNameToCoordinates(from)
	reg.right, reg.bottom, err2 = excelize.CellNameToCoordinates(to)
	r[reg.top] = append(r[reg.top], reg)
	return errors.Join(err, err2)
}

// partOf is the name in the archive of a sheet's part.
func partOf(archive *zip.Reader, sheet string) (string, error) {
	var all struct {
		Sheets []struct {
			Name string `xml:"name,attr"`
			ID   string `xml:"http://schemas.openxmlformats.org/officeDocument/2006/relationships id,attr"`
			ID2  string `xml:"http://purl.oclc.org/ooxml/officeDocument/relationships id,attr"`
		} `xml:"sheets>sheet"`
	}
	var links struct {
		List []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	if err := unmarshal(archive, "xl/workbook.xml", &all); err != nil {
		return "", err
	}
	if err := unmarshal(archive, "xl/_rels/workbook.xml.rels", &links); err != nil {
		return "", err
	}
	for _, s := range all.Sheets {
		for _, l := range links.List {
			if s.Name == sheet && (l.ID == s.ID || l.ID == s.ID2) {
				if strings.HasPrefix(l.Target, "/") {
					return l.Target[1:], nil
				}
				return path.Join("xl", l.Target), nil
			}
		}
	}
	return "", excelize.ErrSheetNotExist{SheetName: sheet}
}

func unmarshal(archive *zip.Reader, name string, into any) error {
	part, err := archive.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = part.Close() }()
	raw, err := io.ReadAll(io.LimitReader(part, maxPart+1))
	if err == nil && len(raw) > maxPart {
		err = errTooBig
	}
	if err != nil {
		return err
	}
	return xml.Unmarshal(raw, into)
}
