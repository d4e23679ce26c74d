// Package browser drives a real Chromium for tests of pages: a fresh profile, no way off
// this machine, and a note of all that a page asked for and of all that went wrong in it.
package browser

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
	_, _ = fmt.Fprintf(os.Stderr, "\n*** %s DID NOT RUN: THIS MACHINE HAS NO CHROMIUM. NOTHING IS KNOWN ABOUT THE PAGES IN A BROWSER. ***\n\n", t.Name())
	t.Skip("no chromium")
	return ""
}

// Tab is one tab of a browser that reaches loopback only, and what it asked for and
// what went wrong in it.
type Tab struct {
	ctx context.Context

	mu       sync.Mutex
	requests []string
	troubles []string
	outside  []string // hosts that the browser wanted from the proxy, for itself too
}

// Open starts a browser with a profile of its own; it ends with the test. Where there
// is no Chromium the test is left out, loudly; with CI=true it fails.
func Open(t *testing.T) *Tab {
	t.Helper()
	b := &Tab{}
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
func (b *Tab) note(event any) {
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

// Do does the steps in order; the first that fails ends the test, with a picture.
func (b *Tab) Do(t *testing.T, what string, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.Shoot(t, "failed")
		b.mu.Lock()
		defer b.mu.Unlock()
		t.Fatalf("%s: %v\ntroubles: %q", what, err, b.troubles)
	}
}

// Left are the hosts that the browser wanted to reach outside.
func (b *Tab) Left() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.outside)
}

// Until waits for a condition, a script's expression, to hold.
func (*Tab) Until(condition string) chromedp.Action[chromedp.Void] {
	return chromedp.Poll[chromedp.Void]("Boolean("+condition+")", chromedp.WithPollingTimeout(90*time.Second)) // a loaded machine is slow, not wrong
}

// Run does something in the page.
func (*Tab) Run(script string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void](script)
}

// Shoot keeps a picture where LINKAGE_SCREENSHOTS names a folder, for people to look at.
func (b *Tab) Shoot(t *testing.T, name string) {
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

// Blameless fails if the page asked another origin (given without its scheme) or
// anything went wrong in it: a script's error, a breach of its own policy, a file
// that was not there.
func (b *Tab) Blameless(t *testing.T, origin string) {
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

// Press types keys one after another, and nothing else is done.
func (*Tab) Press(keys string) chromedp.Action[chromedp.Void] { return chromedp.KeyEvent(keys) }

// Reach presses Tab until the focus stands where the condition on "a", the element, is true.
func (b *Tab) Reach(t *testing.T, condition string) {
	t.Helper()
	for range 80 {
		b.Do(t, "press Tab", b.Press("\t"))
		there, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](`((a) => Boolean(`+condition+`))(document.activeElement)`))
		if err != nil {
			t.Fatal(err)
		}
		if there {
			return
		}
	}
	t.Fatalf("no Tab leads to %s", condition)
}

// Online cuts the tab's network or gives it back.
func (b *Tab) Online(t *testing.T, yes bool) {
	t.Helper()
	shut := true
	var rules []*network.Conditions
	if !yes {
		rules = append(rules, &network.Conditions{Offline: true, DownloadThroughput: -1, UploadThroughput: -1})
	}
	_, err := chromedp.Call(b.ctx, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{EmulateOfflineServiceWorker: &shut, MatchedNetworkConditions: rules})
	if err == nil {
		_, err = chromedp.Call(b.ctx, network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: !yes, DownloadThroughput: -1, UploadThroughput: -1})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Another opens a second window of the same browser.
func (b *Tab) Another(t *testing.T) *Tab {
	t.Helper()
	ctx, leave := chromedp.NewContext(b.ctx)
	t.Cleanup(leave)
	w := &Tab{ctx: ctx}
	if err := chromedp.Listen(ctx, w.note); err != nil {
		t.Fatal(err)
	}
	return w
}

// Answer is the value of a script's expression.
func Answer[T any](t *testing.T, b *Tab, script string) T {
	t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](script))
	if err != nil {
		t.Fatalf("%s: %v", script, err)
	}
	return v
}

// Forgive drops the complaints that a test caused itself.
func (b *Tab) Forgive(word string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var rest []string
	for _, trouble := range b.troubles {
		if !strings.Contains(trouble, word) {
			rest = append(rest, trouble)
		}
	}
	b.troubles = rest
}
