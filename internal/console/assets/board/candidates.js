// Who or what could meet a need line: with reasons, and with what is in the way.
import { html, useEffect, useState } from "./html.js";
import { say } from "./words.js";
import { ask, now } from "./session.js";
import { amount, instant, local, moment, none } from "./format.js";
import { Asking } from "./steps.js";

export function Candidates({ l, r, again }) {
  const [got, setGot] = useState({});
  useEffect(() => { ask("candidates", { needLineId: l.id }).then((d) => setGot(d.matchCandidates), (e) => setGot({ problem: e.message })); }, [l.id, r.revision]);
  if (got.problem) return html`<p class="problem" role="alert">${got.problem}</p>`;
  if (!got.candidates) return html`<p class="soft" role="status">${say("req.loading")}</p>`;
  return html`<div class="candidates">
    <p class="soft">${say(got.policy ? "cand.policy" : "cand.early", got.policy, got.weighed)}</p>
    <h3>${say("cand.fit")} ${got.candidates.length}</h3>
    ${got.candidates.length ? html`<ol>${got.candidates.map((c) => html`<${Candidate} key=${id(c)} c=${c} l=${l} r=${r} again=${again} />`)}</ol>` : html`<p>${say("cand.none")}</p>`}
    ${got.nearMisses.length > 0 && html`<h3>${say("cand.near")} ${got.nearMisses.length}</h3><ol>${got.nearMisses.map((c) => html`<li key=${id(c)}><b>${who(c)}</b>
      <ul class="failures" aria-label=${say("cand.whynot")}>${c.failures.map((f) => html`<li><b>${f.rule.label}</b>${say("colon")}${f.relaxation ? f.relaxation.label : say("cand.norelax")}</li>`)}</ul></li>`)}</ol>`}
  </div>`;
}

const id = (c) => (c.charityResource || c.volunteer).id;
export const who = (c) => (c.charityResource ? c.charityResource.title : c.volunteer.displayName);

// Reasons are the rules that hold in a line, and the scores each with its bar.
export function Reasons({ c }) {
  const scores = c.reasons.filter((x) => x.score !== null), rules = c.reasons.filter((x) => x.score === null);
  return html`<details><summary>${say("cand.why")}</summary>
    <ul class="reasons">${scores.map((x) => html`<li><span>${x.rule.label}</span><span class="bar" aria-hidden="true"><span style=${{ width: Math.round(x.score * 100) + "%" }}></span></span><span>${x.score.toFixed(2)}${x.detail && " · " + x.detail}</span></li>`)}</ul>
    <p class="soft">✓ ${rules.map((x) => x.rule.label + (x.detail ? "（" + x.detail + "）" : "")).join(" · ")}</p>
  </details>`;
}

function Candidate({ c, l, r, again }) {
  const [open, setOpen] = useState(false);
  const [told, setTold] = useState("");
  const volunteer = Boolean(c.volunteer);
  const may = r.allowedActions.includes(volunteer ? "ASSIGN" : "PROPOSE");
  const guarded = r.class === "PROTECTED" || r.class === "SEALED";
  const send = async (v, tell) => {
    if (volunteer) {
      const from = instant(v.starts);
      await tell("assignmentOffer", {
        serviceRequestId: r.id, needLineId: l.id, volunteerId: c.volunteer.id, task: v.task, meetingPoint: v.meetingPoint,
        window: { from, to: new Date(Date.parse(from) + v.minutes * 60_000).toISOString() },
      });
    } else {
      const value = c.quantity.unit === "FEN" ? Math.round(v.quantity * 100) : v.quantity;
      const window = v.starts && c.quantity.unit === "MINUTE" ? { from: instant(v.starts), to: new Date(Date.parse(instant(v.starts)) + value * 60_000).toISOString() } : undefined;
      await tell("matchProposalPropose", { needLineId: l.id, charityResourceId: c.charityResource.id, quantity: { value: String(value), unit: c.quantity.unit }, window, note: v.note });
    }
    setOpen(false);
    setTold(say("form.done", say(volunteer ? "cand.offer" : "cand.propose")));
    again();
  };
  const amountOf = Number(c.quantity.value) / (c.quantity.unit === "FEN" ? 100 : 1);
  const starts = local(c.startsAt || (l.window && l.window.from) || new Date(now() + 3600_000).toISOString());
  const step = c.quantity.unit === "FEN" ? 0.01 : 1; // and the least that can be asked for
  const fields = volunteer
    ? { task: ["text"], starts: ["datetime-local"], minutes: ["number", 1, 1440], meetingPoint: [guarded ? "text" : "text?"] }
    : { quantity: ["number", step, amountOf, say("unit." + c.quantity.unit), step], ...(c.startsAt && { starts: ["datetime-local"] }), note: ["text?"] };
  const given = volunteer
    ? { task: l.title || r.title || l.category.label, starts, minutes: Math.min(amountOf, 1440) }
    : { quantity: amountOf, starts };
  return html`<li><b>${who(c)}</b> ${c.charityResource && c.charityResource.owner && html`<span class="soft">${c.charityResource.owner.name}</span>`} <span>${[!none(c.quantity) && amount(c.quantity), c.startsAt && say("cand.from", moment(c.startsAt)), say("cand.score", c.score.toFixed(2))].filter(Boolean).join(" · ")}</span>
    <${Reasons} c=${c} />
    ${may && html`<div class="row"><button type="button" aria-expanded=${open} onClick=${() => setOpen(!open)}>${say(volunteer ? "cand.offer" : "cand.propose")}</button></div>`}
    ${open && html`<${Asking} title=${who(c)} fields=${fields} given=${given} r=${r} send=${send} again=${again} back=${() => setOpen(false)} />`}
    <p class="done" role="status">${told}</p>
  </li>`;
}
