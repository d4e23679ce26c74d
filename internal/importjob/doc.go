// Package importjob runs imports that people start over the API: a table is handed
// over, checked and written in the background, and whoever started it sees how far it
// is and what is wrong in which row. The rule it keeps: an import writes what its
// starter could type, with the rights that they hold while it runs, and no more.
package importjob
