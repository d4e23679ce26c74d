// The frame: who is signed in, where one is, how the connection stands; and the board.
import { html, render, useEffect, useMemo, useRef, useState, useStore, store } from "./html.js";
import { among, language, say, speak, tongue } from "./words.js";
import { forget, open, session, signIn, signOut } from "./session.js";
import { board, halt, start, wake } from "./live.js";
import { clock, date, length, moment, timer } from "./format.js";
import { Request } from "./request.js";
import { CountMap } from "./map.js";
import { Plan } from "./plan.js";
import { desks } from "./desks.js";

// Where one is stands behind the #, which no server and no log gets to see.
const place = store({ path: location.hash.slice(1) || "/" });
window.addEventListener("hashchange", () => place.change({ path: location.hash.slice(1) || "/" }));

// A minute hand: what shows elapsed time is drawn again every 15 seconds.
const hand = store({});
setInterval(() => hand.change({}), 15_000);

// A page that is open for days hears of a newer one, and is not reloaded under one's hands.
const release = store({ newer: false });
async function keep() {
  const first = !navigator.serviceWorker.controller;
  let taken = 0;
  navigator.serviceWorker.addEventListener("controllerchange", () => release.change({ newer: !first || taken++ > 0 }));
  try {
    const worker = await navigator.serviceWorker.register(new URL("sw.js", document.baseURI));
    setInterval(() => worker.update().catch(() => {}), 3600_000);
  } catch {
    // Without it the board works, with a network.
  }
}

const rank = { URGENT: 0, HIGH: 1, NORMAL: 2 };
// The columns, their states, and the state that goes without saying there.
const columns = [
  ["triage", ["SUBMITTED", "REOPENED"], "SUBMITTED"], ["accept", ["TRIAGED"], "TRIAGED"], ["match", ["ACCEPTED", "MATCHING"], "MATCHING"],
  ["serve", ["ARRANGED", "IN_SERVICE"]], ["confirm", ["DELIVERED", "CONFIRMED"]], ["waiting", ["RETURNED", "ON_HOLD", "REFERRED_OUT"]],
];

function SignIn() {
  const { problem } = useStore(session);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const name = useRef();
  useEffect(() => name.current.focus(), []);
  const submit = async (e) => {
    e.preventDefault();
    const form = new FormData(e.target);
    setBusy(true);
    setError("");
    try {
      await signIn(form.get("name"), form.get("password"));
    } catch (e) {
      setError(e.message);
      setBusy(false);
    }
  };
  return html`<main class="sign-in" id="content">
    <form onSubmit=${submit}>
      <h1>${say("title")}</h1>
      <p>${say("in.lead")}</p>
      ${(error || problem) && html`<p class="problem" role="alert">${error || problem}</p>`}
      <label>${say("in.name")}<input ref=${name} name="name" autocomplete="username" autocapitalize="none" spellcheck=${false} required /></label>
      <label>${say("in.password")}<input name="password" type="password" autocomplete="current-password" required /></label>
      <button class="main" type="submit" disabled=${busy}>${say(busy ? "in.going" : "in.go")}</button>
      <p class="soft">${say("in.kept")}</p>
      <p class="row"><${Language} /><a href=${new URL("../explorer", document.baseURI).pathname}>${say("explorer")}</a></p>
    </form>
  </main>`;
}

function Language() {
  return html`<label class="language"><span class="unseen">Language / 语言</span>
    <select value=${language()} onChange=${(e) => speak(e.target.value)}>
      <option value="zh-CN" lang="zh-CN">中文</option>
      <option value="en" lang="en">English</option>
    </select></label>`;
}

// Net says how the connection stands: in words, not by its colour alone.
function Net() {
  const { state, old, caught, problem, cards } = useStore(board);
  const { newer } = useStore(release);
  const [note, setNote] = useState("");
  const before = useRef(state);
  useEffect(() => {
    if (before.current === "catching" && state === "live" && caught) {
      setNote(say("net.caught", caught));
      setTimeout(() => setNote(""), 6000);
    }
    before.current = state;
  }, [state]);
  const word = state === "catching" && !old ? "net.first" : "net." + state;
  const bare = state !== "live" && [...cards.values()].some((c) => c.bare);
  return html`<div class="net ${state}" role="status" id="net">
    <span class="lamp" aria-hidden="true"></span><b>${note || say(word)}</b>
    ${state !== "live" && old && html`<span>${say("net.old", moment(old))}${bare && " " + say("net.bare")}</span>`}
    ${problem && html`<span>${problem}</span>`}
    ${state === "lost" && html`<button type="button" onClick=${wake}>${say("net.retry")}</button>`}
    ${newer && html`<span>${say("net.newer")} <button type="button" onClick=${() => location.reload()}>${say("net.reload")}</button></span>`}
  </div>`;
}

function Header({ path }) {
  const { viewer } = useStore(session);
  const { station } = useStore(board);
  const stations = desks(viewer);
  const link = (to, word) => html`<a href="#${to}" aria-current=${path === to || (to === "/" && path.startsWith("/request/")) ? "page" : null}>${say(word)}</a>`;
  return html`<header>
    <a class="skip" href="#content" onClick=${(e) => { e.preventDefault(); document.getElementById("content").focus(); }}>${say("skip")}</a>
    <p class="brand">${say("title")}</p>
    <nav aria-label=${say("nav")}>${link("/", "nav.board")}${link("/map", "nav.map")}${stations.length > 0 && link("/plan", "nav.plan")}${link("/events", "nav.events")}</nav>
    ${stations.length > 1 && html`<label class="station"><span class="unseen">${say("station")}</span>
      <select value=${station} onChange=${(e) => start(e.target.value)}>
        <option value="">${say("station.all")}</option>
        ${stations.map((s) => html`<option value=${s.objectId}>${s.name}</option>`)}
      </select></label>`}
    <span class="who">${viewer && viewer.account.displayName}</span>
    <${Language} />
    <button type="button" id="sign-out" onClick=${signOut}>${say("out")}</button>
  </header>`;
}

// Timer shows how much of a step's time is gone; the bar repeats the words for the eye.
function Timer({ r }) {
  useStore(hand);
  const t = timer(r);
  if (r.state === "ON_HOLD" && r.resumeOn) return html`<span class="timer none">${say("card.resume", date(r.resumeOn))}</span>`;
  if (!t.whole) return html`<span class="timer none">${say("time.since", length(t.used))} · ${say("time.none")}</span>`;
  const share = Math.min(100, Math.round((100 * t.used) / t.whole));
  return html`<span class="timer ${t.late ? "late" : share >= 75 ? "soon" : ""}" title=${say("time.of", length(t.used), length(t.whole))}>
    <span class="bar" aria-hidden="true"><span style=${{ width: share + "%" }}></span></span>
    <span class="words">${say("time.since", length(t.used))} · ${t.late ? say("time.over", length(-t.left)) : say("time.left", length(t.left))}</span>
  </span>`;
}

function Card({ r, chosen, alone }) {
  // Drawn again only when the request itself has changed: boards of a thousand are redrawn at every event.
  return useMemo(() => cardOf(r, chosen, alone), [r, chosen, alone, language()]);
}

function cardOf(r, chosen, alone) {
  const guarded = r.class === "PROTECTED" || r.class === "SEALED";
  const facts = [r.number, r.title && r.category.label, (r.community && r.community.name) || (r.area && r.area.name), !alone && among("state", r.state),
    ["MATCHING", "ARRANGED", "IN_SERVICE"].includes(r.state) && among("coverage", r.coverage), r.lead && r.lead.displayName];
  return html`<li><a class="card ${r.urgency.toLowerCase()} ${r.fresh ? "fresh" : ""}" href="#/request/${r.id}" aria-current=${chosen ? "true" : null} data-id=${r.id} data-state=${r.state} data-revision=${r.revision}>
    <span class="title"><b class="urgency ${r.urgency.toLowerCase()}">${among("urgency", r.urgency)}</b> ${r.title || r.category.label}
      ${guarded && html` <b class="tag guarded">${among("class", r.class)}</b>`}
      ${r.escalated && html` <b class="tag alarm">${say("card.escalated")}</b>`}
      ${r.disputed && html` <b class="tag alarm">${say("card.disputed")}</b>`}
      ${r.declineProposed && html` <b class="tag alarm">${say("card.decline")}</b>`}
    </span>
    <span class="facts">${facts.filter(Boolean).join(" · ")}</span>
    <${Timer} r=${r} />
  </a></li>`;
}

function Board({ chosen }) {
  const { cards, state, cut } = useStore(board);
  useStore(hand);
  const [text, setText] = useState("");
  const [urgency, setUrgency] = useState("");
  const [late, setLate] = useState(false);
  const all = [...cards.values()];
  const wanted = text.trim().toLowerCase();
  const shown = all.filter((r) => (!urgency || r.urgency === urgency) && (!late || timer(r).late) &&
    (!wanted || [r.number, r.title, r.category.label, r.community && r.community.name, r.area && r.area.name].some((s) => s && s.toLowerCase().includes(wanted))));
  const order = (a, b) => rank[a.urgency] - rank[b.urgency] || (a.dueAt || "9").localeCompare(b.dueAt || "9") || a.number.localeCompare(b.number);
  return html`<section class="board" aria-labelledby="board-heading">
    <h1 class="unseen" id="board-heading">${say("nav.board")}</h1>
    <div class="over">
      <p class="summary"><strong>${say("board.summary", all.length, all.filter((r) => r.urgency === "URGENT").length, all.filter((r) => timer(r).late).length)}</strong>${cut && html` <span class="soft">${say("board.cut")}</span>`}</p>
      <form class="filter" role="search" aria-label=${say("filter")} onSubmit=${(e) => e.preventDefault()}>
        <input type="search" aria-label=${say("filter.text")} placeholder=${say("filter.text")} value=${text} onInput=${(e) => setText(e.target.value)} />
        <select aria-label=${say("filter.urgency")} value=${urgency} onChange=${(e) => setUrgency(e.target.value)}>
          <option value="">${say("filter.urgency")}${say("colon")}${say("filter.all")}</option>
          ${["URGENT", "HIGH", "NORMAL"].map((u) => html`<option value=${u}>${among("urgency", u)}</option>`)}
        </select>
        <label class="check"><input type="checkbox" checked=${late} onChange=${(e) => setLate(e.target.checked)} />${say("filter.late")}</label>
      </form>
    </div>
    ${state === "opening" && !all.length ? html`<p class="soft pad">${say("net.opening")}</p>` : html`<div class="columns" tabindex="0" role="group" aria-label=${say("nav.board")}>
      ${columns.map(([name, states, plain]) => {
        const mine = shown.filter((r) => states.includes(r.state)).sort(order);
        return html`<section class="column ${mine.length ? "" : "empty"}" aria-labelledby="col-${name}" key=${name}>
          <h2 id="col-${name}">${say("col." + name)} <span class="count">${mine.length}</span></h2>
          ${mine.length ? html`<ul>${mine.map((r) => html`<${Card} key=${r.id} r=${r} chosen=${r.id === chosen} alone=${r.state === plain} />`)}</ul>` : html`<p class="soft none">${say("col.empty")}</p>`}
        </section>`;
      })}
    </div>`}
  </section>`;
}

function Events() {
  const { events } = useStore(board);
  return html`<section class="page events" aria-labelledby="events-heading">
    <h1 id="events-heading">${say("events.heading")}</h1>
    ${events.length ? html`<ol>${events.map((e) => html`<li key=${e.cursor}><time>${clock(e.at)}</time> <a href="#/request/${e.id}">${e.number} ${e.title || e.category.label}</a> <b>${among("event", e.kind)}</b></li>`)}</ol>` : html`<p class="soft">${say("events.none")}</p>`}
  </section>`;
}

// Told speaks the newest event to those who cannot see the board move, and shows it.
function Told() {
  const { events } = useStore(board);
  const e = events[0];
  return html`<p class="told" id="told" role="log" aria-live="polite" aria-atomic="true">${e && html`<time>${clock(e.at)}</time> ${e.number} ${e.title || e.category.label}${say("colon")}<b>${among("event", e.kind)}</b>`}</p>`;
}

function App() {
  useStore(tongue);
  const { state } = useStore(session);
  const { path } = useStore(place);
  const signed = state === "in";
  document.documentElement.lang = language();
  const { cards } = useStore(board);
  useStore(hand);
  const pressing = [...cards.values()].filter((r) => timer(r).late || (r.urgency === "URGENT" && r.state === "SUBMITTED")).length;
  document.title = (signed && pressing ? "(" + pressing + ") " : "") + say("title"); // seen in the row of tabs
  useEffect(() => {
    if (signed) start();
    else halt();
  }, [signed]);
  useEffect(() => { if (signed) start(board.get().station); }, [language()]);
  if (state === "opening") return html`<main class="sign-in" id="content"><p>${say("net.opening")}</p></main>`;
  if (!signed) return html`<${SignIn} />`;
  const id = path.startsWith("/request/") ? path.slice("/request/".length) : "";
  return html`<${Header} path=${path} />
    <div class="strip"><${Net} /><${Told} /></div>
    <main id="content" tabindex="-1" class=${id ? "with-request" : ""}>
      ${path === "/map" ? html`<${CountMap} />` : path === "/plan" ? html`<${Plan} />` : path === "/events" ? html`<${Events} />` : html`<${Board} chosen=${id} />`}
      ${id && html`<${Request} key=${id} id=${id} />`}
    </main>
    <footer><a href=${new URL("../explorer", document.baseURI).pathname}>${say("explorer")}</a> · <a href=${new URL("licenses.txt", import.meta.url).pathname}>${say("licences")}</a></footer>`;
}

render(html`<${App} />`, document.getElementById("app"));
open().catch((e) => forget(e.message));
if (navigator.serviceWorker) keep();
