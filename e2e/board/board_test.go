package board

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alexedwards/argon2id"
	"github.com/chromedp/chromedp"

	"github.com/fivesociety/linkage/internal/account"
	"github.com/fivesociety/linkage/internal/intake"
	"github.com/fivesociety/linkage/internal/platform"
	"github.com/fivesociety/linkage/internal/store/sqlite"
	"github.com/fivesociety/linkage/internal/testkit"
	"github.com/fivesociety/linkage/internal/testkit/browser"
	"github.com/fivesociety/linkage/internal/world"
	"github.com/fivesociety/linkage/server"
)

// asker asks the server one thing as an account of the demonstration world.
type asker func(t *testing.T, account, query string, variables map[string]any) string

// served is the whole program with the demonstration world; it answers its address,
// and a way to ask it as an account.
func served(t *testing.T) (url string, as asker) {
	t.Helper()
	p, err := platform.Open(t.Context(), platform.Config{
		Adapter:  sqlite.New(sqlite.Config{Path: filepath.Join(t.TempDir(), "board.db")}),
		Accounts: account.Config{Hash: argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}},
		Seeded:   testkit.Few,
	})
	if err != nil {
		t.Fatal(err)
	}
	report, err := intake.ImportFolder(t.Context(), world.Files(), p.Tables(), nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := server.New(t.Context(), p, server.Config{Addr: "127.0.0.1:0", Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		_ = p.Close()
	})
	return s.URL(), func(t *testing.T, account, query string, variables map[string]any) string {
		t.Helper()
		session, err := p.Accounts.OpenSession(t.Context(), report.IDs["accounts"][account])
		if err != nil {
			t.Fatal(err)
		}
		body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
		if err != nil {
			t.Fatal(err)
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL()+"/graphql", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+session.AccessToken)
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		answer, err := io.ReadAll(resp.Body)
		if err != nil || strings.Contains(string(answer), `"message"`) {
			t.Fatalf("%s: %v, %s", query, err, answer)
		}
		return string(answer)
	}
}

const (
	escort = `[...document.querySelectorAll(".card")].find((c) => c.textContent.includes("复查髋关节需人陪同"))`
	told   = `document.getElementById("told").textContent`
	net    = `document.getElementById("net")`
)

func is(state string) string { return net + `?.classList.contains("` + state + `")` }

// faint answers the texts on the page whose contrast against what lies behind them is
// below that of WCAG 2.2 AA, and the controls that have no name or no room.
const faint = `(() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (css) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = css; canvas.fillRect(0, 0, 1, 1); const d = canvas.getImageData(0, 0, 1, 1).data; return [d[0], d[1], d[2], d[3] / 255]; };
  const over = (top, under) => top.slice(0, 3).map((c, i) => c * top[3] + under[i] * (1 - top[3]));
  const behind = (e) => { const layers = []; for (; e; e = e.parentElement) { const c = rgba(getComputedStyle(e).backgroundColor); layers.push(c); if (c[3] === 1) break; }
    return layers.reverse().reduce((under, c) => over(c, under), [255, 255, 255]); };
  const light = (c) => { const [r, g, b] = c.map((v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((m, n) => n - m); return (x + 0.05) / (y + 0.05); };
  const bad = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let n = walker.nextNode(); n; n = walker.nextNode()) {
    const e = n.parentElement, s = getComputedStyle(e);
    if (!n.data.trim() || !e.checkVisibility({ opacityProperty: true, visibilityProperty: true }) || e.closest("option, noscript, .unseen")) continue;
    const back = behind(e), r = ratio(over(rgba(e instanceof SVGElement ? s.fill : s.color), back), back);
    window.measured = (window.measured || 0) + 1;
    if (r < 4.5 && !e.closest(".spot")) bad.push(n.data.trim() + ": " + r.toFixed(2));
  }
  for (const e of document.querySelectorAll("input, select, textarea, button, a[href]")) {
    if (!e.checkVisibility()) continue;
    const name = e.getAttribute("aria-label") || [...(e.labels || [])].map((l) => l.textContent).join("") || e.textContent;
    if (!name.trim()) bad.push("no name: " + e.outerHTML);
    const box = e.getBoundingClientRect();
    if ((box.width < 24 || box.height < 24) && e.tagName === "BUTTON") bad.push("too small: " + e.outerHTML);
  }
  return bad;
})()`

func legible(t *testing.T, b *browser.Tab, where string) {
	t.Helper()
	if bad := browser.Answer[[]string](t, b, faint); len(bad) > 0 {
		t.Errorf("%s: %q", where, bad)
	}
}

// One browser and one server for both: what one scene changes the other does not look at.
func TestBoard(t *testing.T) {
	t.Parallel()
	first := browser.Open(t)
	url, as := served(t)
	t.Run("two_windows", func(t *testing.T) { twoWindows(t, first, url) })
	t.Run("a_day", func(t *testing.T) { aDay(t, first.Another(t), url, as) })
}

func twoWindows(t *testing.T, a *browser.Tab, url string) {
	t.Helper()
	b := a.Another(t)

	// By keyboard alone: sign in, find the request, triage it.
	a.Do(t, "open the board", chromedp.Navigate(url+"/console/"), a.Until(`document.activeElement.name === "name"`))
	legible(t, a, "sign-in")
	a.Do(t, "sign in", a.Press("coordinator\ttangshan-coord-2026\r"), a.Until(is("live")+` && `+escort))
	b.Do(t, "open a second window", chromedp.Navigate(url+"/console/"), b.Until(`document.activeElement.name === "name"`),
		b.Press("coordinator\twrong-password\r"), b.Until(`document.querySelector("[role=alert]")`), b.Press("\x01"))
	b.Do(t, "keep the sockets", b.Run(`{const Real = WebSocket; window.WebSocket = class extends Real { constructor(...a) { super(...a); window.socket = this; } };}`))
	b.Do(t, "sign in there", b.Run(`document.querySelector("form").reset()`), chromedp.Focus(chromedp.CSS("[name=name]")),
		b.Press("coordinator\ttangshan-coord-2026\r"), b.Until(is("live")+` && `+escort))
	b.Do(t, "have the feed ended for good, and no renewal at once", b.Run(`{const real = fetch; window.refused = 0; window.fetch = (to, how) => {
		if (refused || !how?.body?.includes("mutation tokenRefresh")) return real(to, how);
		refused++;
		return Promise.resolve(new Response(JSON.stringify({errors: [{message: "later", extensions: {code: "UNAVAILABLE"}}]})));
	}; socket.close(4403)}`), b.Until(`refused === 1`), b.Until(is("live")+` && `+escort))
	b.Do(t, "note how the connection goes", b.Run(`window.states = []; new MutationObserver(() => states.push(`+net+`.className)).observe(`+net+`, {attributes: true})`))
	a.Reach(t, `a.dataset.id && a.textContent.includes("复查髋关节需人陪同")`)
	a.Do(t, "open it", a.Press("\r"), a.Until(`document.querySelector(".request .history li") && document.activeElement.id === "request-heading"`))
	legible(t, a, "board and request")
	a.Shoot(t, "request")
	a.Reach(t, `a.dataset.step === "TRIAGE"`)
	a.Do(t, "open the form", a.Press("\r"), a.Until(`document.activeElement.name === "urgency"`))
	a.Reach(t, `a.name === "risk"`)
	a.Do(t, "choose a risk", a.Press("低"), a.Until(`document.activeElement.value === "LOW"`))
	legible(t, a, "triage")
	a.Reach(t, `a.type === "submit"`)
	a.Do(t, "triage", a.Press("\r"))
	for name, w := range map[string]*browser.Tab{"first": a, "second": b} {
		w.Do(t, "see it triaged in the "+name, w.Until(escort+`.dataset.state === "TRIAGED" && `+told+`.includes("分诊")`))
	}
	if one, two := browser.Answer[string](t, a, told), browser.Answer[string](t, b, told); one != two {
		t.Errorf("one window tells %q, the other %q", one, two)
	}

	// One window loses its network, the other goes on.
	b.Online(t, false)
	b.Do(t, "be offline", b.Until(is("lost")+` && `+net+`.textContent.includes("连接中断")`))
	legible(t, b, "offline")
	a.Reach(t, `a.dataset.step === "ACCEPT"`)
	a.Do(t, "accept", a.Press("\r"), a.Until(escort+`.dataset.state === "MATCHING"`))
	a.Do(t, "go back", a.Press("\x1b"), a.Until(`!document.querySelector(".request") && document.activeElement.dataset.state === "MATCHING"`))
	if got := browser.Answer[string](t, b, escort+`.dataset.state`); got != "TRIAGED" {
		t.Errorf("offline the card is %s", got)
	}
	b.Online(t, true)
	b.Do(t, "catch up", b.Until(is("live")+` && `+escort+`.dataset.state === "MATCHING"`))
	if states := browser.Answer[string](t, b, `[...new Set(states)].join()`); states != "net lost,net catching,net live" {
		t.Errorf("the connection went through %s", states)
	}

	// A telephone, then one without network that is opened anew.
	b.Do(t, "be a telephone", chromedp.EmulateViewport(360, 740), b.Run(`scrollTo(0, 0)`))
	legible(t, b, "telephone")
	b.Shoot(t, "telephone")
	if wide := browser.Answer[int](t, b, `document.documentElement.scrollWidth`); wide > 360 {
		t.Errorf("on 360 pixels the page is %d wide", wide)
	}
	b.Do(t, "wait for the worker and the copy", b.Until(`navigator.serviceWorker.controller && sessionStorage.getItem("linkage:board:copy")?.includes("MATCHING")`))
	b.Online(t, false)
	b.Do(t, "reload offline", chromedp.Reload(), b.Until(is("lost")+` && document.querySelectorAll(".card").length === 12 && `+net+`.textContent.includes("离线副本")`))
	b.Shoot(t, "offline")
	if kept := browser.Answer[string](t, b, `JSON.stringify(sessionStorage) + JSON.stringify(localStorage)`); strings.Contains(kept, "复查髋关节") || strings.Contains(kept, "社区居委会") {
		t.Errorf("the copy tells more than it should: %s", kept)
	}

	// Signing out leaves nothing but the page's own files.
	a.Do(t, "sign out", chromedp.Click(chromedp.CSS("#sign-out")), a.Until(`document.querySelector("[name=password]")`))
	a.Do(t, "look for what is left", a.Run(`(async () => {
		const cached = (await Promise.all((await caches.keys()).map(async (n) => (await caches.open(n)).keys()))).flat().map((r) => new URL(r.url).pathname);
		window.left = [...Object.keys(sessionStorage), ...Object.keys(localStorage), document.cookie, ...cached.filter((p) => !/^\/console\/(|[0-9a-f]{16}\/[\w.-]+)$/.test(p))].join("");
	})()`), a.Until(`"left" in window`))
	if left := browser.Answer[string](t, a, `left`); left != "" {
		t.Errorf("after signing out there is %q", left)
	}
	a.Blameless(t, strings.TrimPrefix(url, "http"))
	b.Forgive("ERR_INTERNET_DISCONNECTED")
	b.Blameless(t, strings.TrimPrefix(url, "http"))
}

// signIn opens the board as an account of the demonstration world, in English.
func signIn(t *testing.T, b *browser.Tab, url, name, password string) {
	t.Helper()
	b.Do(t, "open the board", chromedp.Navigate(url+"/console/"), b.Until(`document.querySelector(".language select")`),
		b.Run(`{const s = document.querySelector(".language select"); s.value = "en"; s.dispatchEvent(new Event("change", {bubbles: true}))}`),
		b.Until(`document.documentElement.lang === "en"`), chromedp.Focus(chromedp.CSS("[name=name]")),
		b.Press(name+"\t"+password+"\r"), b.Until(is("live")))
}

// click clicks what the selector and a word in it name, when it is there.
func click(t *testing.T, b *browser.Tab, selector, word string) {
	t.Helper()
	found := `[...document.querySelectorAll("` + selector + `")].find((e) => !e.disabled && e.textContent.includes("` + word + `"))`
	b.Do(t, "click "+word, b.Until(found), b.Run(found+`.click()`))
}

func aDay(t *testing.T, station *browser.Tab, url string, as asker) {
	t.Helper()
	partner := station.Another(t)
	signIn(t, station, url, "coordinator", "tangshan-coord-2026")
	signIn(t, partner, url, "partner-aid", "tangshan-partn-2028")

	// A need is taken on, a resource proposed with its reasons, accepted by its owner, promised.
	click(t, station, ".card", "借一辆轮椅")
	click(t, station, "[data-step=TRIAGE]", "Triage")
	station.Do(t, "triage", station.Until(`document.querySelector("[name=risk]")`),
		station.Run(`document.querySelector("[name=risk]").value = "LOW"; document.querySelector("form.asking").requestSubmit()`))
	click(t, station, "[data-step=ACCEPT]", "Accept")
	station.Do(t, "be matching", station.Until(`document.querySelector(".request .state").textContent === "Matching"`))
	click(t, station, "button", "Who could help?")
	click(t, station, ".candidates summary", "Why")
	station.Do(t, "read the reasons", station.Until(`document.querySelector(".candidates .reasons").textContent.includes("Distance")`))
	legible(t, station, "candidates")
	click(t, station, ".candidates button", "Propose")
	proposals := func() int {
		return strings.Count(as(t, "coordinator", `{matchProposals(first: 100) {nodes {id}}}`, nil), `"mat_`)
	}
	before := proposals()
	station.Do(t, "propose, and never hear of it", station.Until(`document.querySelector("[name=quantity]")?.value === "1"`), station.Run(`{const real = fetch; window.lost = 0; window.fetch = async (to, how) => {
		const answer = await real(to, how);
		if (!lost && how?.body?.includes("mutation matchProposalPropose")) { lost++; throw new TypeError("lost"); }
		return answer;
	}; document.querySelector(".candidates form").requestSubmit()}`), station.Until(`document.querySelector(".candidates form .problem")`))
	station.Do(t, "propose again", station.Run(`document.querySelector(".candidates form").requestSubmit()`), station.Until(`!document.querySelector(".candidates form")`))
	if n := proposals(); n != before+1 {
		t.Errorf("%d proposals of one form", n-before)
	}
	station.Do(t, "see it wait", station.Until(`document.querySelector(".request").textContent.includes("Awaiting an answer")`))
	click(t, partner, ".card", "Loan of assistive devices")
	click(t, partner, ".request [data-step=ACCEPT]", "Accept")
	click(t, station, "[data-step=COMMIT]", "Commit")
	station.Do(t, "be arranged", station.Until(`document.querySelector(".request .state").textContent === "Arranged"`))
	station.Shoot(t, "arranged")

	// A plan, of which one item is taken.
	click(t, station, ".request .close", "Close")
	click(t, station, ".card", "申请一份爱心包")
	click(t, station, "[data-step=TRIAGE]", "Triage")
	station.Do(t, "triage", station.Until(`document.querySelector("[name=risk]")`),
		station.Run(`document.querySelector("[name=risk]").value = "LOW"; document.querySelector("form.asking").requestSubmit()`))
	click(t, station, "[data-step=ACCEPT]", "Accept")
	click(t, station, "nav a", "Plan")
	click(t, station, ".plan button", "Make a plan")
	click(t, station, ".plan label.check", "申请一份爱心包")
	click(t, station, ".plan button", "Send the 1 ticked")
	station.Do(t, "have it sent", station.Until(`document.querySelector(".plan .done")?.textContent.includes("sent")`))
	legible(t, station, "plan")

	// A public need stands at its community, the ordinary ones at the middle of the cell around it.
	for _, c := range regexp.MustCompile(`"id":"(com_\w+)","version":(\d+)`).FindAllStringSubmatch(as(t, "coordinator",
		`{a: community(id: "com_130203001010") {id version} b: community(id: "com_130203001012") {id version}}`, nil), -1) {
		as(t, "admin", `mutation($i: CommunityChangeInput!) { communityChange(input: $i) { community { id } } }`, map[string]any{"i": map[string]any{
			"communityId": c[1], "expectedVersion": json.Number(c[2]), "location": map[string]any{"latitude": 39.6312, "longitude": 118.1834},
		}})
	}
	station.Do(t, "reload", chromedp.Navigate(url+"/console/#/map"), chromedp.Reload(), station.Until(`document.querySelectorAll(".map .spot").length === 2`))
	at := browser.Answer[[]string](t, station, `[...document.querySelectorAll(".map .spot circle")].map((c) => c.getAttribute("cx"))`)
	if at[0] == at[1] {
		t.Errorf("the circles stand at %s", at)
	}
	station.Shoot(t, "map")
	legible(t, station, "map")

	// A role that is taken empties the board at once, a session that is ended closes it.
	station.Do(t, "be live after the reload", station.Until(is("live")))
	grant := regexp.MustCompile(`grt_\w+`).FindString(as(t, "coordinator", `{viewer {grants {id}}}`, nil))
	as(t, "admin", `mutation($i: RoleRevokeInput!) { roleRevoke(input: $i) { grant { id } } }`, map[string]any{"i": map[string]any{"grantId": grant, "reason": "OTHER"}})
	station.Do(t, "lose the role", station.Until(`!document.querySelector("nav").textContent.includes("Plan") && document.querySelectorAll(".map tbody tr").length === 0 && `+is("live")))
	as(t, "coordinator", `mutation { signOut(input: {everywhere: true}) { ended } }`, nil)
	station.Do(t, "be signed out", station.Until(`document.querySelector("[name=password]") && document.querySelector("[role=alert]") && !sessionStorage.getItem("linkage:board:session")`))
	station.Forgive("401")
	station.Blameless(t, strings.TrimPrefix(url, "http"))
	partner.Blameless(t, strings.TrimPrefix(url, "http"))
}
