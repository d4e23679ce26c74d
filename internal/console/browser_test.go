package console_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/fivesociety/linkage/internal/testkit/browser"
)

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
	b := browser.Open(t)
	const token = "eyJ-not-a-real-token"

	b.Do(t, "open the page", chromedp.Navigate(server.URL+"/explorer"), b.Until(ready))
	b.Do(t, "sign in", chromedp.SendKeys(chromedp.CSS("#token"), "Bearer "+token+"\r"), b.Until(who+`.includes("已登录：李协调")`))
	b.Do(t, "choose English", b.Run(`{const l = document.getElementById("locale"); l.value = "en"; l.dispatchEvent(new Event("change"))}`),
		b.Until(who+`.includes("Signed in: 李协调 (COORDINATOR)")`), b.Until(ready))
	b.Do(t, "run the board's query", chromedp.Click(execute), b.Until(result+`.includes("XQ-2026-000042")`))
	b.Shoot(t, "board")
	b.Do(t, "subscribe to the feed", chromedp.Click(second), b.Until(operation+` === "Feed"`),
		chromedp.Click(execute), b.Until(result+`.includes("feed-cursor-7")`))
	b.Do(t, "read the schema", chromedp.Click(docs), b.Until(`document.querySelector(".graphiql-plugin")?.textContent.includes("Mutation")`),
		b.Until(`document.querySelectorAll(".CodeMirror-lint-mark-error").length === 0`))
	b.Shoot(t, "feed")

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
	b.Do(t, "look for the token", b.Until(`localStorage.length === 0 && !location.href.includes("`+token+`") && sessionStorage.getItem("linkage:token") === "`+token+`"`))
	b.Do(t, "forget the token", chromedp.Click(chromedp.CSS("#forget")), b.Until(who+`.includes("Not signed in")`),
		b.Until(`!JSON.stringify({...sessionStorage}).includes("`+token+`")`))
	b.Blameless(t, strings.TrimPrefix(server.URL, "http"))

	// The network was really shut: what leaves this machine ends in the proxy.
	b.Do(t, "try to leave", chromedp.Navigate("http://elsewhere.invalid/"))
	if left := b.Left(); !slices.Contains(left, "elsewhere.invalid") {
		t.Errorf("the proxy saw %q only, so the test proves nothing", left)
	}
}
