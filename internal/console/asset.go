package console

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// embedded holds vendor/ as fetch.sh makes it, compressed, and the page's own files.
//
//go:embed assets/vendor/*.gz assets/page assets/board
var embedded embed.FS

// asset is one file, kept compressed.
type asset struct {
	name   string
	etag   string
	packed []byte // gzip
}

// plain makes an asset of what is not compressed yet.
func plain(name string, body []byte) *asset {
	var packed bytes.Buffer
	w, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression) // fails for a wrong level only
	_, _ = w.Write(body)                                       // a buffer takes all
	_ = w.Close()
	return packedAsset(name, packed.Bytes())
}

func packedAsset(name string, packed []byte) *asset {
	return &asset{name: name, etag: digest(packed), packed: packed}
}

// files are all that the page asks for, by "<hash>/<name>".
func files() map[string]*asset {
	found := map[string]*asset{}
	add := func(a *asset) { found[a.etag+"/"+a.name] = a }
	for _, name := range list("assets/vendor") {
		add(packedAsset(strings.TrimSuffix(name, ".gz"), read("assets/vendor/"+name)))
	}
	for _, name := range list("assets/page") {
		if name != "index.html" && name != "queries" {
			add(plain(name, read("assets/page/"+name)))
		}
	}
	tabs, _ := json.Marshal(queries()) // strings always marshal
	add(plain("queries.json", tabs))
	return found
}

// queries are the tabs that a new reader finds, in order.
func queries() []string {
	var texts []string
	for _, name := range list("assets/page/queries") {
		texts = append(texts, string(read("assets/page/queries/"+name)))
	}
	return texts
}

func list(dir string) []string {
	entries, err := fs.ReadDir(embedded, dir)
	if err != nil {
		panic(err) // compiled in
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names
}

func read(name string) []byte {
	body, err := embedded.ReadFile(name)
	if err != nil {
		panic(err) // compiled in
	}
	return body
}

// types are the content types by extension: the machine's own table may say
// otherwise, and browsers that are told nosniff take no script of another type.
var types = map[string]string{
	".css":  "text/css; charset=utf-8",
	".html": "text/html; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".json": "application/json",
	".svg":  "image/svg+xml",
	".txt":  "text/plain; charset=utf-8",

	".webmanifest": "application/manifest+json",
}

// serve writes the file as the client takes it, or 304 when the client has it.
func (a *asset) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", types[path.Ext(a.name)])
	h.Set("Vary", "Accept-Encoding")
	etag := `"` + a.etag + `"`
	zipped := takesGzip(r.Header.Get("Accept-Encoding"))
	if !zipped {
		etag = `"` + a.etag + `-plain"` // another representation, another tag
	}
	h.Set("ETag", etag)
	if r.Header.Get("If-None-Match") == etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := a.packed
	if zipped {
		h.Set("Content-Encoding", "gzip")
	} else {
		body = a.unpack()
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // a client that is gone is nobody's error
	}
}

func (a *asset) unpack() []byte {
	z, err := gzip.NewReader(bytes.NewReader(a.packed))
	if err != nil {
		panic(err) // compiled in, and read by a test
	}
	body, err := io.ReadAll(z)
	if err != nil {
		panic(err)
	}
	return body
}

// takesGzip reads an Accept-Encoding header; "gzip;q=0" is a no.
func takesGzip(accept string) bool {
	for part := range strings.SplitSeq(accept, ",") {
		coding, weight, _ := strings.Cut(part, ";")
		if c := strings.TrimSpace(coding); c != "gzip" && c != "*" {
			continue
		}
		_, q, found := strings.Cut(weight, "=")
		value, err := strconv.ParseFloat(strings.TrimSpace(q), 64)
		return !found || err != nil || value > 0
	}
	return false
}
