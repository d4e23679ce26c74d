package console

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"html/template"
	"net/http"
	"strings"
)

// policy is the page's Content-Security-Policy: scripts and styles are this server's
// files only, nothing inline and no eval; data: is for the editor's underlines, which
// GraphiQL's style sheet holds as pictures. 'self' in connect-src covers the websocket.
// One thing of GraphiQL's is refused: the style element by which an open dialogue
// stops the page behind it from scrolling, which this page does not do anyway.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Explorer is the GraphQL explorer. It answers GET and HEAD of /explorer with the
// page, and of what lies below with its files, whatever stands before "/explorer" in
// the path; the page expects /graphql as its neighbour. Files are named by their
// content and may be kept by browsers and proxies for a year; the page is asked for
// again each time, at the price of a 304. Anybody may open it: what it shows is up to
// the token that the reader pastes.
func Explorer() http.Handler {
	e := &explorer{files: files()}
	e.page = e.render()
	return e
}

type explorer struct {
	files map[string]*asset // by "<hash>/<name>"
	page  *asset
}

// render fills the addresses of the files into the page.
func (e *explorer) render() *asset {
	addresses := map[string]string{}
	for address := range e.files {
		_, name, _ := strings.Cut(address, "/")
		addresses[name] = "explorer/" + address
	}
	var page bytes.Buffer
	t := template.Must(template.New("index.html").Option("missingkey=error").ParseFS(embedded, "assets/page/index.html"))
	if err := t.Execute(&page, addresses); err != nil {
		panic(err) // the page and its files are compiled in: a build that fails here never worked
	}
	return plain("index.html", page.Bytes())
}

// ServeHTTP implements http.Handler.
func (e *explorer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, below, slash := strings.Cut(r.URL.Path+"/", "/explorer/")
	if !reads(w, r) {
		return
	}
	secure(w.Header(), policy)
	below = strings.TrimSuffix(below, "/")
	if file := e.files[below]; slash && file != nil {
		forGood(w, r, file)
		return
	}
	switch {
	case !slash || below != "":
		missing(w, r)
	case strings.HasSuffix(r.URL.Path, "/"):
		w.Header().Set("Location", "../explorer") // relative: a proxy may have put a prefix before us
		w.WriteHeader(http.StatusPermanentRedirect)
	default:
		askedAgain(w, r, e.page)
	}
}

// reads says whether the method only reads; others are refused.
func reads(w http.ResponseWriter, r *http.Request) bool {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return true
	}
	w.Header().Set("Allow", "GET, HEAD")
	http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
	return false
}

// forGood serves what its address names by content.
func forGood(w http.ResponseWriter, r *http.Request, a *asset) {
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	a.serve(w, r)
}

// askedAgain serves what may be another at the next release.
func askedAgain(w http.ResponseWriter, r *http.Request, a *asset) {
	w.Header().Set("Cache-Control", "no-cache")
	a.serve(w, r)
}

func missing(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	http.NotFound(w, r)
}

// secure says it all itself, so that the page is as strict without the server's own
// headers, and replaces the server's policy, which allows no page at all.
func secure(h http.Header, policy string) {
	h.Set("Content-Security-Policy", policy)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
}

func digest(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:8])
}
