package play

import (
	"embed"
	"io/fs"
	"strings"
)

//go:embed query/*.graphql
var queries embed.FS

// Document is the GraphQL document of a name, "" if there is none.
func Document(name string) string {
	raw, err := queries.ReadFile("query/" + name + ".graphql")
	if err != nil {
		return ""
	}
	return string(raw)
}

// Line is the document of a name on one line, without its remarks: for a command line.
func Line(name string) string {
	var words []string
	for line := range strings.Lines(Document(name)) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "#") {
			words = append(words, strings.Fields(line)...)
		}
	}
	return strings.Join(words, " ")
}

// Documents lists the names of all documents in alphabetical order.
func Documents() []string {
	found, _ := fs.Glob(queries, "query/*.graphql") // the pattern is right
	for i, path := range found {
		found[i] = strings.TrimSuffix(strings.TrimPrefix(path, "query/"), ".graphql")
	}
	return found
}
