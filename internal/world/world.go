package world

import (
	"embed"
	"io/fs"
)

//go:embed data/*.csv
var files embed.FS

// Files is the folder, for the importer.
func Files() fs.FS {
	folder, err := fs.Sub(files, "data")
	if err != nil {
		panic(err) // the folder is embedded, so it is there
	}
	return folder
}
