package console

import (
	"bytes"
	"encoding/json"
	"html/template"
	"io/fs"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// boardPolicy is the board's Content-Security-Policy: nothing but this server's files,
// nothing inline, no eval. 'self' in connect-src covers the websocket.
const boardPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Board is the page on which coordinators work: the requests of their station, live.
// It answers GET and HEAD of /console/ with the page, of /console/sw.js with the
// worker that keeps the page's files for when there is no network, and of what lies
// below with those files, whatever stands before "/console" in the path; the page
// expects /graphql beside it. All files lie under one name made of their content, so
// that a page never mixes the scripts of two releases, and may be kept for a year.
// Anybody may open it: what it shows is up to who signs in.
func Board() http.Handler {
	b := &board{files: map[string]*asset{}}
	for name, a := range boardFiles() {
		b.files[name] = a
		b.names = append(b.names, name)
	}
	slices.Sort(b.names)
	var all strings.Builder
	for _, name := range b.names {
		_, _ = all.WriteString(name + " " + b.files[name].etag + "\n") // a builder takes all
	}
	b.shell = digest([]byte(all.String()))
	b.page = b.render()
	list, _ := json.Marshal(map[string]any{"name": b.shell, "files": b.names}) // strings always marshal
	b.worker = plain("sw.js", append([]byte("const shell = "+string(list)+";\n"), read("assets/board/sw.js")...))
	return b
}

type board struct {
	files        map[string]*asset
	names        []string // of the files, sorted
	shell        string   // names all of them by content
	page, worker *asset
}

// boardVendor are the packages' files that the board needs.
var boardVendor = []string{"preact.js", "hooks.js", "htm.js", "graphql-ws.min.js", "licenses.txt"}

// boardFiles are all files that lie under the shell's name.
func boardFiles() map[string]*asset {
	found := map[string]*asset{}
	for _, name := range boardVendor {
		found[name] = packedAsset(name, read("assets/vendor/"+name+".gz"))
	}
	for _, name := range list("assets/board") {
		if name != "index.html" && name != "sw.js" && name != "documents" {
			found[name] = plain(name, read("assets/board/"+name))
		}
	}
	found["icon.svg"] = plain("icon.svg", read("assets/page/icon.svg"))
	texts, _ := json.Marshal(Documents()) // strings always marshal
	found["documents.js"] = plain("documents.js", append([]byte("export default "), append(texts, ";\n"...)...))
	return found
}

var (
	definition = regexp.MustCompile(`(?m)^(query|mutation|subscription|fragment) (\w+)`)
	spread     = regexp.MustCompile(`\.\.\.([A-Z]\w*)`)
)

// Documents are all that the board asks the server: each operation of the folder's
// files, by its name, with the fragments that it spreads.
func Documents() map[string]string {
	fragments, found := map[string]string{}, map[string]string{}
	for _, name := range list("assets/board/documents") {
		text := string(read("assets/board/documents/" + name))
		for at := definition.FindStringSubmatchIndex(text); at != nil; at = definition.FindStringSubmatchIndex(text) {
			kind, name, end := text[at[2]:at[3]], text[at[4]:at[5]], len(text)
			if next := definition.FindStringIndex(text[at[1]:]); next != nil {
				end = at[1] + next[0]
			}
			if kind == "fragment" {
				fragments[name] = text[at[0]:end]
			} else {
				found[name] = text[at[0]:end]
			}
			text = text[end:]
		}
	}
	for name, text := range found {
		var added []string
		for more := true; more; {
			more = false
			for _, m := range spread.FindAllStringSubmatch(text, -1) {
				if !slices.Contains(added, m[1]) {
					added, text, more = append(added, m[1]), text+fragments[m[1]], true
				}
			}
		}
		found[name] = text
	}
	return found
}

// render fills the shell's name into the page.
func (b *board) render() *asset {
	text, err := fs.ReadFile(embedded, "assets/board/index.html")
	if err != nil {
		panic(err) // compiled in
	}
	var page bytes.Buffer
	if err := template.Must(template.New("board").Parse(string(text))).Execute(&page, b.shell); err != nil {
		panic(err) // the page is compiled in: a build that fails here never worked
	}
	return plain("index.html", page.Bytes())
}

// ServeHTTP implements http.Handler.
func (b *board) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !reads(w, r) {
		return
	}
	secure(w.Header(), boardPolicy)
	_, below, slash := strings.Cut(r.URL.Path, "/console/")
	name, ours := strings.CutPrefix(below, b.shell+"/")
	switch file := b.files[name]; {
	case !slash && strings.HasSuffix(r.URL.Path, "/console"):
		w.Header().Set("Location", "console/") // relative: a proxy may have put a prefix before us
		w.WriteHeader(http.StatusPermanentRedirect)
	case slash && below == "":
		askedAgain(w, r, b.page)
	case below == "sw.js":
		askedAgain(w, r, b.worker)
	case ours && file != nil:
		forGood(w, r, file)
	default:
		missing(w, r)
	}
}
