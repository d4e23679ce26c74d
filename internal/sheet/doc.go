// Package sheet reads and writes the tables that people keep in spreadsheets: CSV in
// UTF-8, UTF-16 or GB 18030, and XLSX; with a title above the header, merged cells,
// numbers where texts are meant, headers in Chinese or English in any order. It knows
// no noun. The rules it keeps: every problem names file, row and column as the person
// sees them; a file is read row by row, however long it is; what it writes no
// spreadsheet takes for a formula, and reads back as it was.
package sheet
