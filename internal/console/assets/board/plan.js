// A plan for the whole board of a station: advice, of which one takes what one likes.
import { html, useState, useStore } from "./html.js";
import { among, language, say } from "./words.js";
import { ask, once, session } from "./session.js";
import { board } from "./live.js";
import { amount, moment } from "./format.js";
import { Reasons, who } from "./candidates.js";
import { desks } from "./desks.js";

export function Plan() {
  const { viewer } = useStore(session);
  const { station } = useStore(board);
  const stations = desks(viewer);
  const [chosen, choose] = useState(station);
  const at = chosen || (stations[0] && stations[0].objectId);
  const [plan, setPlan] = useState(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const [ticked, setTicked] = useState({});
  const [tasks, setTasks] = useState({});
  const [results, setResults] = useState({});
  const [tell] = useState(once);
  if (!at) return html`<section class="page"><p>${say("plan.nostation")}</p></section>`;
  const make = async () => {
    setBusy(true);
    setProblem("");
    try {
      setPlan((await ask("plan", { stationId: at })).matchPlan);
      setTicked({});
      setResults({});
    } catch (e) {
      setProblem(e.message);
    }
    setBusy(false);
  };
  const name = (i) => i.needLine.id + " " + (i.candidate.charityResource || i.candidate.volunteer).id;
  const take = async (e) => {
    e.preventDefault();
    const chosen = plan.items.filter((i) => ticked[name(i)]).slice(0, 100);
    const items = chosen.map((i) => {
      const c = i.candidate, words = tasks[name(i)] || {};
      const guarded = i.serviceRequest.class === "PROTECTED" || i.serviceRequest.class === "SEALED";
      return {
        needLineId: i.needLine.id, quantity: c.quantity, startsAt: c.startsAt || undefined,
        ...(c.charityResource ? { charityResourceId: c.charityResource.id } : { volunteerId: c.volunteer.id, task: words.task ?? taskOf(i), meetingPoint: guarded ? words.place : undefined }),
      };
    });
    setBusy(true);
    setProblem("");
    try {
      const { results } = await tell("matchPlanAccept", { items });
      setResults((old) => ({ ...old, ...Object.fromEntries(results.map((x, n) => [name(chosen[n]), x.errors.length ? { problem: x.errors.map((e) => e.message).join(" ") } : { done: true }])) }));
      setTicked({});
    } catch (e) {
      setProblem(e.message);
    }
    setBusy(false);
  };
  const count = plan ? plan.items.filter((i) => ticked[name(i)]).length : 0;
  return html`<section class="page plan" aria-labelledby="plan-heading">
    <h1 id="plan-heading">${say("nav.plan")}</h1>
    <p>${say("plan.lead")}</p>
    <div class="row">${stations.length > 1 ? html`<label class="station"><span class="unseen">${say("station")}</span>
      <select value=${at} onChange=${(e) => { choose(e.target.value); setPlan(null); }}>${stations.map((s) => html`<option value=${s.objectId}>${s.name}</option>`)}</select></label>` : html`<b>${stations[0].name}</b>`}
      <button type="button" class=${plan ? "" : "main"} disabled=${busy} onClick=${make}>${say(busy ? "plan.making" : plan ? "plan.again" : "plan.make")}</button></div>
    ${problem && html`<p class="problem" role="alert">${problem}</p>`}
    ${plan && html`<p role="status">${say("plan.looked", plan.needLines, plan.supplies, (plan.gap * 100).toFixed(1))}</p>
      <ul class="plain">${plan.coverage.filter((c) => c.needLines).map((c) => html`<li>${say("plan.covered", among("urgency", c.urgency), Number(c.covered.toFixed(1)), c.needLines)}</li>`)}</ul>
      <h2>${say("plan.items")} ${plan.items.length}</h2>
      <form onSubmit=${take}>
        <ul class="things">${plan.items.map((i) => {
          const n = name(i), c = i.candidate, done = results[n], guarded = i.serviceRequest.class === "PROTECTED" || i.serviceRequest.class === "SEALED";
          const set = (what) => (e) => { const { value } = e.target; setTasks((old) => ({ ...old, [n]: { ...old[n], [what]: value } })); };
          return html`<li key=${n}>
            <label class="check"><input type="checkbox" checked=${Boolean(ticked[n])} disabled=${done && done.done} onChange=${(e) => { const { checked } = e.target; setTicked((old) => ({ ...old, [n]: checked })); }} />
              <span><b>${i.serviceRequest.title || i.serviceRequest.category.label}</b> ← <b>${who(c)}</b> ${amount(c.quantity)}${c.startsAt && " · " + say("cand.from", moment(c.startsAt))} · ${say("cand.score", c.score.toFixed(2))}</span></label>
            <a href="#/request/${i.serviceRequest.id}">${i.serviceRequest.number}</a>${i.loss && html` <span class="soft">${say("plan.without")}${lossOf(i.loss, plan.coverage)}</span>`}
            ${c.volunteer && ticked[n] && html`<label>${say("f.task")}<input required value=${(tasks[n] && tasks[n].task) ?? taskOf(i)} onInput=${set("task")} /></label>
              ${guarded && html`<label>${say("f.meetingPoint")}<input required value=${(tasks[n] && tasks[n].place) || ""} onInput=${set("place")} /></label>`}`}
            <${Reasons} c=${c} />
            ${done && (done.done ? html`<p class="done" role="status">✓ ${say("plan.done")}</p>` : html`<p class="problem" role="alert">${done.problem}</p>`)}
          </li>`;
        })}</ul>
        ${plan.items.length > 0 && html`<button class="main" type="submit" disabled=${busy || !count}>${say("plan.take", count)}</button>`}
      </form>
      ${plan.open.length > 0 && html`<h2>${say("plan.open")} ${plan.open.length}</h2>
        <ul class="things">${plan.open.map((o) => html`<li key=${o.needLine.id}><a href="#/request/${o.serviceRequest.id}">${o.serviceRequest.number} ${o.serviceRequest.title || o.serviceRequest.category.label}</a> · ${among("kind", o.needLine.kind)} · ${o.fitting ? say("plan.missing", amount(o.missing), o.fitting) : say("plan.nofit", amount(o.missing))}</li>`)}</ul>`}`}
  </section>`;
}

// lossOf says what the best plan without an item would lack.
function lossOf(loss, coverage) {
  const fewer = coverage.map((c) => [c.urgency, c.covered - (loss.coverage.find((l) => l.urgency === c.urgency) || { covered: 0 }).covered]).filter(([, n]) => n > 0.005)
    .map(([urgency, n]) => say("plan.fewer", among("urgency", urgency), Number(n.toFixed(1))));
  if (loss.score > 0.005) fewer.push(say("plan.less", loss.score.toFixed(2)));
  return fewer.join(language() === "en" ? ", " : "，") || say("plan.nothing");
}

const taskOf = (i) => i.needLine.title || i.serviceRequest.title || i.needLine.category.label;
