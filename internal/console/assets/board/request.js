// One request: what is known of it, what one may do, and what happened.
import { html, useEffect, useRef, useState, useStore } from "./html.js";
import { among, say } from "./words.js";
import { ask } from "./session.js";
import { board } from "./live.js";
import { amount, moment, none, span } from "./format.js";
import { Steps } from "./steps.js";
import { Candidates } from "./candidates.js";

// useRequest reads a request, and again whenever the board holds a later revision of it.
function useRequest(id) {
  const { cards, events, state } = useStore(board);
  const [got, setGot] = useState({ loading: true });
  const [again, setAgain] = useState(0);
  const round = useRef(0);
  const told = events.find((e) => e.id === id); // its end is in the events only
  const revision = (cards.get(id) || {}).revision + ((told && told.cursor) || "");
  useEffect(() => {
    const mine = ++round.current;
    ask("request", { id }).then(
      (data) => mine === round.current && setGot({ r: data.serviceRequest }),
      (e) => mine === round.current && setGot((g) => ({ ...g, loading: false, problem: e.message })),
    );
  }, [id, revision, again, state === "live"]);
  return [got, () => setAgain((n) => n + 1)];
}

export function Request({ id }) {
  const [{ r, loading, problem }, again] = useRequest(id);
  const heading = useRef();
  const opener = useRef(document.activeElement);
  useEffect(() => {
    heading.current && heading.current.focus();
    const shown = document.querySelector(`[data-id="${CSS.escape(id)}"]`);
    if (shown) shown.scrollIntoView({ block: "nearest", inline: "nearest" });
    const back = opener.current;
    const out = (e) => { if (e.key === "Escape" && !e.defaultPrevented) close(); };
    document.addEventListener("keydown", out);
    return () => {
      document.removeEventListener("keydown", out);
      const card = document.querySelector(`[data-id="${CSS.escape(id)}"]`) || (back && back.isConnected && back !== document.body && back) || document.getElementById("content");
      if (card) card.focus(); // back to where one was on the board
    };
  }, []);
  return html`<section class="request" aria-labelledby="request-heading">
    <div class="head">
      <h1 id="request-heading" tabindex="-1" ref=${heading}>${r ? r.title || r.category.label : say(loading ? "req.loading" : problem ? "nav.board" : "req.gone")}</h1>
      <button type="button" class="close" onClick=${close}>${say("req.close")}</button>
    </div>
    ${problem && html`<p class="problem" role="alert">${problem}</p>`}
    ${r && html`<${Body} r=${r} again=${again} />`}
  </section>`;
}

function close() {
  location.hash = "/";
}

const Fact = ({ name, wide, children }) => {
  const shown = [children].flat(3).filter((c) => c !== null && c !== undefined && c !== false && c !== "");
  return shown.length ? html`<div class=${wide ? "wide" : ""}><dt>${say(name)}</dt><dd>${children}</dd></div>` : null;
};

function Body({ r, again }) {
  const person = r.recipient;
  return html`
    <p class="tags"><b class="urgency ${r.urgency.toLowerCase()}">${among("urgency", r.urgency)}</b> <b class="state">${among("state", r.state)}</b>
      <span class="number">${r.number}</span> <span>${r.category.label}</span>
      ${r.escalated && html`<b class="tag alarm">${say("card.escalated")}</b>`}
      ${r.disputed && html`<b class="tag alarm">${say("card.disputed")}</b>`}
      ${r.declineProposed && html`<b class="tag alarm">${say("card.decline")}</b>`}</p>
    <${Steps} of="request" it=${r} r=${r} again=${again} heading=${true} />
    <h2>${say("req.facts")}</h2>
    <dl class="facts">
      <${Fact} name="req.recipient">${person && person.displayName}<//>
      <${Fact} name="req.phone">${person && person.phone && html`<a href="tel:${person.phone}">${person.phone}</a>`}<//>
      <${Fact} name="req.contact">${person && person.safeContactRule && person.safeContactRule.label}<//>
      <${Fact} name="req.community">${r.community && r.community.name}<//>
      <${Fact} name="req.area">${!r.community && r.area && r.area.name}<//>
      <${Fact} wide name="req.address">${r.address}<//>
      <${Fact} name="req.window">${span(r.window)}<//>
      <${Fact} name="req.lead">${r.lead && r.lead.displayName}<//>
      <${Fact} name="req.constraints">${(r.constraints || []).map((c) => c.label).join("、")}<//>
      <${Fact} name="req.channel">${r.channel && r.channel.label}<//>
      <${Fact} name="req.class">${among("class", r.class)}<//>
      <${Fact} name="req.risk">${r.risk && among("risk", r.risk)}<//>
      <${Fact} name="req.coverage">${among("coverage", r.coverage)}<//>
      <${Fact} name="req.reason">${r.reason && r.reason.label}${r.reasonNote && " " + r.reasonNote}<//>
      <${Fact} name="req.missing">${r.missing.map((c) => c.label).join("、")}<//>
      <${Fact} wide name="req.referral">${r.referral && [r.referral.from && r.referral.from.name, "→", r.referral.to && r.referral.to.name, among("referral", r.referral.state), r.referral.reason.label].filter(Boolean).join(" ")}<//>
      <${Fact} wide name="req.confirmation">${r.confirmation && [among("by", r.confirmation.by), moment(r.confirmation.at), r.confirmation.satisfaction && say("req.satisfaction", r.confirmation.satisfaction), r.confirmation.note].filter(Boolean).join(" · ")}<//>
      <${Fact} wide name="req.description">${r.description}<//>
      <${Fact} wide name="req.note">${r.note}<//>
    </dl>
    ${r.hidden.length > 0 && html`<p class="soft">${say("req.hidden", r.hidden.length)}</p>`}
    <h2>${say("req.lines")}</h2>
    <ul class="things">${r.needLines.map((l) => html`<${Line} key=${l.id} l=${l} r=${r} again=${again} />`)}</ul>
    <${Things} name="proposals" of="proposal" list=${r.matchProposals} r=${r} again=${again}
      line=${(p) => html`<b>${p.charityResource ? p.charityResource.title : "–"}</b> ${amount(p.quantity)} · ${among("side", p.side)}${p.state === "PROPOSED" && " · " + moment(p.expiresAt)}${p.reason && " · " + p.reason.label}${p.note && " · " + p.note}`} />
    <${Things} name="allocations" of="allocation" list=${r.allocations} r=${r} again=${again}
      line=${(a) => html`<b>${a.charityResource ? a.charityResource.title : "–"}</b> ${amount(a.quantity)}${a.state === "HELD" && a.heldUntil && " · " + moment(a.heldUntil)}${a.reason && " · " + a.reason.label}`} />
    <${Things} name="assignments" of="part" list=${r.assignments} r=${r} again=${again}
      line=${(a) => html`<b>${a.volunteer ? a.volunteer.displayName : "–"}</b> ${a.task} · ${span(a.window)}${a.minutes !== null && " · " + amount({ value: a.minutes, unit: "MINUTE" })}${a.reason && " · " + a.reason.label}${a.report && " · " + a.report}`} />
    ${r.participation.length > 0 && html`<h2>${say("req.took")}</h2><ul class="plain">${r.participation.map((p) => html`<li>${among("society", p.society)}${p.display && say("colon") + p.display}</li>`)}</ul>`}
    <h2>${say("req.history")}</h2>
    <ol class="history">${r.history.nodes.map((e) => html`<li key=${e.sequence}><time>${moment(e.at)}</time> <b>${among("event", e.kind)}</b> ${e.actor.display === e.actor.role ? among("role", e.actor.role) : e.actor.display}${e.reason && " · " + e.reason.label}</li>`)}</ol>`;
}

function Things({ name, of, list, r, again, line }) {
  if (!list || !list.length) return null;
  return html`<h2>${say("req." + name)}</h2>
    <ul class="things">${list.map((it) => html`<li key=${it.id}><span class="state">${among(of, it.state)}</span> ${line(it)}
      <${Steps} of=${of} it=${it} r=${r} again=${again} /></li>`)}</ul>`;
}

function Line({ l, r, again }) {
  const [open, setOpen] = useState(false);
  const may = r.allowedActions;
  const seeks = !none(l.missing) && ["OPEN", "HELD", "COMMITTED"].includes(l.state) && ["TRIAGE", "ACCEPT", "LEAD_APPOINT"].some((step) => may.includes(step)); // those whom the server answers
  return html`<li>
    <span class="state">${among("line", l.state)}</span> <b>${l.title || l.category.label}</b> ${among("kind", l.kind)} · ${none(l.missing) ? say("line.done", amount(l.quantity)) : say("line.of", amount(l.quantity), amount(l.missing))}
    ${!none(l.held) && " · " + say("line.held", amount(l.held))}${!none(l.committed) && " · " + say("line.committed", amount(l.committed))}${!none(l.fulfilled) && " · " + say("line.fulfilled", amount(l.fulfilled))}
    ${l.window && html`<span class="soft"> · ${span(l.window)}</span>`}${l.skills.length > 0 && html`<span class="soft"> · ${l.skills.map((s) => s.label).join("、")}</span>`}
    ${seeks && html`<div class="row"><button type="button" aria-expanded=${open} onClick=${() => setOpen(!open)}>${say(open ? "line.hide" : "line.find")}</button></div>`}
    ${open && seeks && html`<${Candidates} l=${l} r=${r} again=${again} />`}
  </li>`;
}

