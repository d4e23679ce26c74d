// Package sheet reads the CSV files that people make with spreadsheets: UTF-8 with or
// without a byte-order mark, quotes, any mixture of line ends, empty lines, headers
// in Chinese or English in any order. It knows no noun. The rule it keeps: every
// problem names file, row and column as the person sees them in the spreadsheet.
package sheet
