package sheet

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/fivesociety/linkage/internal/fault"
)

const byteOrderMark = "\ufeff"

// decode checks that the file is UTF-8 text, drops the byte-order mark and brings
// every line end to one form.
func decode(file string, data []byte) (string, *Problem) {
	if bytes.HasPrefix(data, []byte{0xff, 0xfe}) || bytes.HasPrefix(data, []byte{0xfe, 0xff}) {
		return "", &Problem{File: file, Code: fault.CodeTextInvalid, Zh: "文件编码是 UTF-16，请另存为“CSV UTF-8”。", En: "The file is UTF-16; save it as \"CSV UTF-8\"."}
	}
	if bytes.HasPrefix(data, []byte("PK\x03\x04")) {
		return "", &Problem{File: file, Code: fault.CodeTextInvalid, Zh: "这是 Excel 工作簿，请另存为“CSV UTF-8”。", En: "This is an Excel workbook; save it as \"CSV UTF-8\"."}
	}
	if !utf8.Valid(data) {
		row := 1
		for rest := data; len(rest) > 0; {
			r, n := utf8.DecodeRune(rest)
			if r == utf8.RuneError && n == 1 {
				break
			}
			if r == '\n' {
				row++
			}
			rest = rest[n:]
		}
		return "", &Problem{
			File: file, Row: row, Code: fault.CodeTextInvalid,
			Zh: "文件不是 UTF-8 编码（可能是 GB 18030），请另存为“CSV UTF-8”。",
			En: "The file is not UTF-8 (perhaps GB 18030); save it as \"CSV UTF-8\".",
		}
	}
	text := strings.TrimPrefix(string(data), byteOrderMark)
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text), nil
}
