package console_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// chromium finds the browser. Where there is none the test is left out, and says so;
// with CI=true that is a failure.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("no chromium on PATH (apt-get install chromium)")
	}
	_, _ = fmt.Fprintf(os.Stderr, "\n*** %s DID NOT RUN: THIS MACHINE HAS NO CHROMIUM. NOTHING IS KNOWN ABOUT THE EXPLORER IN A BROWSER. ***\n\n", t.Name())
	t.Skip("no chromium")
	return ""
}

// signs of what the page shows: how the editors and panes of GraphiQL are found.
const (
	ready     = `document.querySelectorAll(".graphiql-tab").length === 4 && !document.querySelector(".graphiql-spinner")`
	result    = `document.querySelector(".result-window .CodeMirror").CodeMirror.getValue()`
	operation = `document.querySelector(".graphiql-query-editor .CodeMirror").CodeMirror.operationName` // what a run would run
	who       = `document.getElementById("who").textContent`
	execute   = chromedp.CSS(".graphiql-execute-button")
	docs      = chromedp.CSS(`button[aria-label="Show Documentation Explorer"]`)
	second    = chromedp.CSS(`.graphiql-tab:nth-child(2) .graphiql-tab-button`)
)

func TestExplorerInABrowserWithoutNetwork(t *testing.T) {
	t.Parallel()
	server := newBackend(t)
	b := openTab(t)
	const token = "eyJ-not-a-real-token"

	b.do(t, "open the page", chromedp.Navigate(server.URL+"/explorer"), b.until(ready))
	b.do(t, "sign in", chromedp.SendKeys(chromedp.CSS("#token"), "Bearer "+token+"\r"), b.until(who+`.includes("已登录：李协调")`))
	b.do(t, "choose English", b.run(`{const l = document.getElementById("locale"); l.value = "en"; l.dispatchEvent(new Event("change"))}`),
		b.until(who+`.includes("Signed in: 李协调 (COORDINATOR)")`), b.until(ready))
	b.do(t, "run the board's query", chromedp.Click(execute), b.until(result+`.includes("XQ-2026-000042")`))
	b.shoot(t, "board")
	b.do(t, "subscribe to the feed", chromedp.Click(second), b.until(operation+` === "Feed"`),
		chromedp.Click(execute), b.until(result+`.includes("feed-cursor-7")`))
	b.do(t, "read the schema", chromedp.Click(docs), b.until(`document.querySelector(".graphiql-plugin")?.textContent.includes("Mutation")`),
		b.until(`document.querySelectorAll(".CodeMirror-lint-mark-error").length === 0`))
	b.shoot(t, "feed")

	asked, inits, targets := server.seen()
	if len(asked) != 1 || asked[0].Get("Authorization") != "Bearer "+token || asked[0].Get("Accept-Language") != "en" {
		t.Errorf("the query came with %q", asked)
	}
	if len(inits) != 1 || inits[0]["authorization"] != "Bearer "+token || inits[0]["locale"] != "en" {
		t.Errorf("connection_init came with %q", inits)
	}
	if strings.Contains(strings.Join(targets, " "), token) {
		t.Errorf("the token is in an address: %q", targets)
	}
	b.do(t, "look for the token", b.until(`localStorage.length === 0 && !location.href.includes("`+token+`") && sessionStorage.getItem("linkage:token") === "`+token+`"`))
	b.do(t, "forget the token", chromedp.Click(chromedp.CSS("#forget")), b.until(who+`.includes("Not signed in")`),
		b.until(`!JSON.stringify({...sessionStorage}).includes("`+token+`")`))
	b.blameless(t, strings.TrimPrefix(server.URL, "http"))

	// The network was really shut: what leaves this machine ends in the proxy.
	b.do(t, "try to leave", chromedp.Navigate("http://elsewhere.invalid/"))
	if left := b.left(); !slices.Contains(left, "elsewhere.invalid") {
		t.Errorf("the proxy saw %q only, so the test proves nothing", left)
	}
}

// tab is one tab of a fresh browser that reaches loopback only, and what it asked for
// and what went wrong in it.
type tab struct {
	ctx context.Context

	mu       sync.Mutex
	requests []string
	troubles []string
	outside  []string // hosts that the browser wanted from the proxy, for itself too
}

func openTab(t *testing.T) *tab {
	t.Helper()
	b := &tab{}
	nowhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.outside = append(b.outside, r.Host)
		if r.Method == http.MethodConnect {
			w.WriteHeader(http.StatusBadGateway)
		}
	}))
	t.Cleanup(nowhere.Close)
	ctx, stop := chromedp.NewExecAllocator(t.Context(),
		chromedp.ExecPath(chromium(t)), chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(1360, 860),
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-features", "AutofillServerCommunication,OptimizationHints,Translate"),
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("disable-default-apps", true),
		chromedp.Flag("lang", "zh-CN"), chromedp.Flag("accept-lang", "zh-CN"),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
		chromedp.ProxyServer(nowhere.URL),
	)
	t.Cleanup(stop)
	ctx, leave := chromedp.NewContext(ctx)
	t.Cleanup(leave)
	ctx, late := context.WithTimeout(ctx, 2*time.Minute) // bounds a hang; nothing waits for it
	t.Cleanup(late)
	b.ctx = ctx
	if err := chromedp.Listen(ctx, b.note); err != nil {
		t.Fatal(err)
	}
	return b
}

// note keeps what was asked for and what was complained about.
func (b *tab) note(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.URL)
	case *network.EventWebSocketCreated:
		b.requests = append(b.requests, e.URL)
	case *runtime.EventExceptionThrown:
		b.troubles = append(b.troubles, "exception: "+e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		b.troubles = append(b.troubles, string(e.Entry.Level)+": "+e.Entry.Text+" "+e.Entry.URL)
	}
}

func (b *tab) do(t *testing.T, what string, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.shoot(t, "failed")
		b.mu.Lock()
		defer b.mu.Unlock()
		t.Fatalf("%s: %v\ntroubles: %q", what, err, b.troubles)
	}
}

func (b *tab) left() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.outside)
}

// until waits for a condition to hold.
func (*tab) until(condition string) chromedp.Action[chromedp.Void] {
	return chromedp.Poll[chromedp.Void]("Boolean(" + condition + ")")
}

// run does something in the page.
func (*tab) run(script string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void](script)
}

// shoot keeps a picture where LINKAGE_SCREENSHOTS names a folder, for people to look at.
func (b *tab) shoot(t *testing.T, name string) {
	t.Helper()
	folder := os.Getenv("LINKAGE_SCREENSHOTS")
	if folder == "" {
		return
	}
	picture, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o600)
	}
	if err != nil {
		t.Error(err)
	}
}

// blameless fails if the page asked another origin (given without its scheme) or
// anything went wrong in it: a script's error, a breach of its own policy, a file
// that was not there.
func (b *tab) blameless(t *testing.T, origin string) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range b.requests {
		_, rest, _ := strings.Cut(r, ":")
		if !strings.HasPrefix(":"+rest, origin+"/") && !strings.HasPrefix(r, "data:") {
			t.Errorf("the page asked for %s", r)
		}
	}
	if len(b.requests) < 10 || len(b.troubles) > 0 {
		t.Errorf("%d requests, and troubles: %q", len(b.requests), b.troubles)
	}
}
