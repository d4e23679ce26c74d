package console_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/fivesociety/linkage/internal/console"
)

var explorer, board = sync.OnceValue(console.Explorer), sync.OnceValue(console.Board)

// answer is one answer of a page, its body as the client would see it.
type answer struct {
	*http.Response
	body string
}

func ask(t *testing.T, method, target string, header ...string) answer {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, target, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	w.Header().Set("Content-Security-Policy", "default-src 'none'") // as the server's own layer does before
	page := explorer
	if strings.Contains(target, "/console") {
		page = board
	}
	page().ServeHTTP(w, r)
	resp := w.Result()
	var from io.Reader = resp.Body
	if resp.Header.Get("Content-Encoding") == "gzip" && w.Body.Len() > 0 {
		z, err := gzip.NewReader(resp.Body)
		if err != nil {
			t.Fatalf("%s is not gzip: %v", target, err)
		}
		from = z
	}
	body, err := io.ReadAll(from)
	if err != nil {
		t.Fatalf("read %s: %v", target, err)
	}
	return answer{resp, string(body)}
}

var address = regexp.MustCompile(`(?:src|href|data-queries)="([^"]*)"`)

// addresses are all files that the page names.
func addresses(t *testing.T) []string {
	t.Helper()
	var found []string
	for _, m := range address.FindAllStringSubmatch(ask(t, "GET", "/explorer").body, -1) {
		found = append(found, m[1])
	}
	if len(found) != 10 {
		t.Fatalf("the page names %d files: %q", len(found), found)
	}
	return found
}

func TestPageIsStrictAndAskedForAgain(t *testing.T) {
	t.Parallel()
	page := ask(t, "GET", "/explorer")
	if page.StatusCode != http.StatusOK || page.Header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("status %d, type %q", page.StatusCode, page.Header.Get("Content-Type"))
	}
	policy := page.Header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("policy %q lacks %q", policy, want)
		}
	}
	if bad := regexp.MustCompile(`unsafe|\*|https?:|wss?:|blob:`).FindString(policy); bad != "" {
		t.Errorf("policy %q allows %q", policy, bad)
	}
	if inline := regexp.MustCompile(`<script>|<style|\sstyle=|\son[a-z]+=`).FindString(page.body); inline != "" {
		t.Errorf("the page has something inline: %q", inline)
	}
	if got := page.Header.Get("Cache-Control"); got != "no-cache" {
		t.Errorf("Cache-Control %q", got)
	}
	again := ask(t, "GET", "/explorer", "If-None-Match", page.Header.Get("ETag"))
	if again.StatusCode != http.StatusNotModified || again.body != "" {
		t.Errorf("with its ETag: %d, %d bytes", again.StatusCode, len(again.body))
	}
}

func TestFilesHaveTypeEncodingAndLongCache(t *testing.T) {
	t.Parallel()
	types := map[string]string{
		".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml",
		".json": "application/json", ".txt": "text/plain; charset=utf-8",
	}
	for _, name := range addresses(t) {
		zipped := ask(t, "GET", "/"+name, "Accept-Encoding", "br, gzip;q=0.8")
		plain := ask(t, "GET", "/"+name, "Accept-Encoding", "gzip;q=0")
		if zipped.StatusCode != http.StatusOK || plain.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d with gzip, %d without", name, zipped.StatusCode, plain.StatusCode)
		}
		if zipped.Header.Get("Content-Encoding") != "gzip" || plain.Header.Get("Content-Encoding") != "" || zipped.body != plain.body {
			t.Errorf("%s: encodings %q and %q, %d and %d bytes", name, zipped.Header.Get("Content-Encoding"), plain.Header.Get("Content-Encoding"), len(zipped.body), len(plain.body))
		}
		if zipped.Header.Get("ETag") == plain.Header.Get("ETag") || zipped.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s: a cache could mix up the two forms", name)
		}
		if got := zipped.Header.Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
			t.Errorf("%s: Cache-Control %q", name, got)
		}
		if want := types[name[strings.LastIndex(name, "."):]]; zipped.Header.Get("Content-Type") != want {
			t.Errorf("%s: type %q, not %q", name, zipped.Header.Get("Content-Type"), want)
		}
		if head := ask(t, "HEAD", "/"+name, "Accept-Encoding", "gzip"); head.body != "" || head.Header.Get("Content-Length") != zipped.Header.Get("Content-Length") {
			t.Errorf("%s: HEAD has %d bytes and length %q", name, len(head.body), head.Header.Get("Content-Length"))
		}
		if again := ask(t, "GET", "/"+name, "Accept-Encoding", "gzip", "If-None-Match", zipped.Header.Get("ETag")); again.StatusCode != http.StatusNotModified {
			t.Errorf("%s: %d with its ETag", name, again.StatusCode)
		}
	}
}

// foreign is what makes a browser ask another origin without the reader's doing.
var foreign = map[string]*regexp.Regexp{
	"":    regexp.MustCompile(`(?i)(?:src|href|data-queries|action)\s*=\s*["']?\s*(?:[a-z]+:|//)`), // the page
	"css": regexp.MustCompile(`(?i)@import|@font-face|url\(\s*["']?\s*(?:[a-z]+:)?//|src\(`),
	"js":  regexp.MustCompile(`(?i)\bimportScripts\s*\(|\bimport\s*\(\s*["'](?:[a-z]+:)?//|(?:fetch|WebSocket|EventSource|sendBeacon)\s*\(\s*["'` + "`" + `](?:[a-z]+:)?//|\.src\s*=\s*["'](?:[a-z]+:)?//`),
}

func TestNothingIsLoadedFromElsewhere(t *testing.T) {
	t.Parallel()
	bodies := map[string]string{"/explorer": ask(t, "GET", "/explorer").body}
	for _, name := range addresses(t) {
		bodies["/"+name] = ask(t, "GET", "/"+name).body
	}
	for name, body := range bodies {
		_, ext, _ := strings.Cut(name[strings.LastIndex(name, "/"):], ".")
		ext = ext[strings.LastIndex(ext, ".")+1:]
		if rule := foreign[ext]; rule != nil {
			if found := rule.FindString(body); found != "" {
				t.Errorf("%s would load something from elsewhere: %q", name, found)
			}
		}
	}
}

func TestOtherPathsAndMethods(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		method, target string
		status         int
		header, value  string
	}{
		{"GET", "/explorer/", http.StatusPermanentRedirect, "Location", "../explorer"},
		{"GET", "/city/explorer", http.StatusOK, "Cache-Control", "no-cache"},
		{"GET", "/explorer/nothing.js", http.StatusNotFound, "Cache-Control", "no-store"},
		{"GET", "/explorer/../console.go", http.StatusNotFound, "Cache-Control", "no-store"},
		{"GET", "/", http.StatusNotFound, "Cache-Control", "no-store"},
		{"POST", "/explorer", http.StatusMethodNotAllowed, "Allow", "GET, HEAD"},
	} {
		got := ask(t, c.method, c.target)
		if got.StatusCode != c.status || got.Header.Get(c.header) != c.value {
			t.Errorf("%s %s: %d, %s %q", c.method, c.target, got.StatusCode, c.header, got.Header.Get(c.header))
		}
	}
}

func TestAllOfItIsSmallEnough(t *testing.T) {
	t.Parallel()
	total := 0
	for _, name := range addresses(t) {
		got := ask(t, "HEAD", "/"+name, "Accept-Encoding", "gzip")
		total += int(got.ContentLength)
	}
	if total == 0 || total > 3<<20 {
		t.Errorf("%d bytes are embedded", total)
	}
}
