// Package gb reads the numbers and names that national standards and public
// notices govern: unified social credit codes (GB 32100-2015), citizen ID
// numbers (GB 11643-1999), and the names of banned organisations.
// It says what is wrong and what is only odd, finds ID numbers in free text and
// masks them.
// Rule: nothing is corrected silently, and no error holds the number it is about.
package gb
