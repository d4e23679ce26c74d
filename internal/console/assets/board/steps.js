// The steps that the server says one may take, each with the form it needs. A step that
// has no form here is named and left to those who have other pages for it.
import { html, useEffect, useRef, useState } from "./html.js";
import { among, say } from "./words.js";
import { ask, once } from "./session.js";

// A field is its kind, then what the kind needs; "?" lets it be empty.
const note = ["long?"];
const reason = (list) => ["code", list];
const urgencies = ["NORMAL", "HIGH", "URGENT"], classes = ["PUBLIC", "RESTRICTED", "PROTECTED", "SEALED"], risks = ["LOW", "MEDIUM", "HIGH", "EXTREME"];

// what: the mutation; id: the input's name for the object; fields: the form, none for a
// step that is done at once; sure: asked again before, as it cannot be taken back.
const r = (what, fields = {}, more = {}) => ({ what: "serviceRequest" + what, id: "serviceRequestId", fields, ...more });
const p = (what, fields = {}) => ({ what: "matchProposal" + what, id: "matchProposalId", fields });
const a = (what, fields = {}) => ({ what: "allocation" + what, id: "allocationId", fields });
const s = (what, fields = {}, more = {}) => ({ what: "assignment" + what, id: "assignmentId", fields, ...more });
const table = {
  request: {
    TRIAGE: r("Triage", { urgency: ["among", urgencies], risk: ["among", risks], class: ["among", classes], note }),
    ACCEPT: r("Accept"),
    REFERRAL_ACCEPT: r("ReferralAccept"),
    RESUME: r("Resume"),
    LEAD_APPOINT: r("LeadAppoint", { socialWorkerId: ["worker"] }),
    ARRANGE: r("Arrange", { reason: ["code?", "PARTIAL_REASON"], note }),
    DELIVER: r("Deliver", { report: ["long"] }),
    CONFIRM: r("Confirm", { satisfaction: ["number?", 1, 5], note }),
    WITNESS: r("Witness", { witness: ["text"], reason: reason("WITNESS_REASON"), note }),
    LINK_ISSUE: { what: "confirmLinkIssue", id: "serviceRequestId", fields: { for: ["among", ["RECIPIENT", "GUARDIAN"]] }, loose: true, secret: true },
    DISPUTE_SETTLE: r("DisputeSettle", { rework: ["flag"], note: ["long"] }),
    CLOSE: r("Close", {}, { sure: true }),
    REOPEN: r("Reopen", { reason: ["code?", "REOPEN_REASON"], note, lawfulBasis: ["code?", "LAWFUL_BASIS"] }),
    RETURN: r("Return", { missing: ["codes", "RETURN_ITEM"], note }),
    REFER: r("Refer", { stationId: ["station"], reason: reason("REFERRAL_REASON"), lawfulBasis: ["code?", "LAWFUL_BASIS"], note }),
    REFERRAL_DECLINE: r("ReferralDecline", { reason: reason("REFERRAL_REASON"), note }),
    REFERRAL_WITHDRAW: r("ReferralWithdraw", {}, { sure: true }),
    HOLD: r("Hold", { resumeOn: ["date"], reason: reason("HOLD_REASON"), note }),
    MERGE: r("Merge", { survivorId: ["duplicate"] }),
    UNMERGE: r("Unmerge", {}, { sure: true }),
    LINE_SHORT: { what: "needLineShort", fields: { needLineId: ["line"], reason: reason("MATCH_DECLINE_REASON") } },
    DECLINE: r("Decline", { reason: reason("DECLINE_REASON"), alternative: ["long"] }),
    DISPUTE: r("Dispute", { reason: reason("DISPUTE_REASON"), note }),
    CANCEL: r("Cancel", { reason: reason("CANCEL_REASON"), note }),
  },
  proposal: { ACCEPT: p("Accept"), DECLINE: p("Decline", { reason: reason("MATCH_DECLINE_REASON") }), WITHDRAW: p("Withdraw", { reason: reason("RELEASE_REASON") }) },
  allocation: {
    COMMIT: a("Commit"), DISPATCH: a("Dispatch"), DELIVER: a("Deliver", { note }), SETTLE: a("Settle"),
    RELEASE: a("Release", { reason: reason("RELEASE_REASON") }), RETURN: a("Return", { reason: reason("RETURN_REASON"), note }), LOSE: a("Lose", { reason: reason("LOSS_REASON"), note }),
  },
  part: {
    ACCEPT: s("Accept"), DECLINE: s("Decline", { reason: reason("MATCH_DECLINE_REASON") }), RELEASE: s("Release", { reason: reason("RELEASE_REASON") }),
    CHECK_IN: s("CheckIn", {}, { fence: true }), CHECK_OUT: s("CheckOut", {}, { fence: true }), COMPLETE: s("Complete", { report: ["long"] }, { fence: true }), VERIFY: s("Verify"),
  },
};
// The words of a step, where two nouns use one name for different things.
const called = {
  proposal: { ACCEPT: "ACCEPT_PROPOSAL", DECLINE: "DECLINE_PROPOSAL" },
  allocation: { DELIVER: "DELIVER_ALLOCATION", RETURN: "RETURN_ALLOCATION" },
  part: { ACCEPT: "ACCEPT_PART", DECLINE: "DECLINE_PART", RELEASE: "RELEASE_PART" },
};
const onward = new Set(["TRIAGE", "ACCEPT", "REFERRAL_ACCEPT", "RESUME", "DELIVER", "CONFIRM", "WITNESS", "CLOSE", "COMMIT", "VERIFY", "DISPUTE_SETTLE"]);
const elsewhere = new Set(["CHANGE", "SUBMIT"]); // PROPOSE and ASSIGN stand with the candidates

export function Steps({ of, it, r, again, heading }) {
  const [open, setOpen] = useState("");
  const [told, setTold] = useState("");
  const [secret, setSecret] = useState("");
  const allowed = it.allowedActions || [];
  const mine = Object.keys(table[of]).filter((name) => allowed.includes(name));
  const others = allowed.filter((name) => elsewhere.has(name));
  const word = (name) => say("do." + ((called[of] || {})[name] || name));
  const first = useRef();
  const done = (name, payload) => {
    setOpen("");
    setTold(say("form.done", word(name)));
    setSecret(payload.token || "");
    again();
  };
  if (!heading && !mine.length && !told) return null;
  return html`<div class="steps">
    ${heading && html`<h2>${say("req.steps")}</h2>`}
    <div class="row" ref=${first}>${mine.map((name) => html`<${Step} key=${name} step=${table[of][name]} name=${name} word=${word(name)} main=${onward.has(name)} open=${open === name}
      toggle=${() => { setTold(""); setOpen(open === name ? "" : name); }} it=${it} r=${r} done=${(payload) => done(name, payload)} again=${again} />`)}</div>
    ${open && html`<${Form} key=${open} step=${table[of][open]} word=${word(open)} it=${it} r=${r} again=${again} back=${() => setOpen("")} done=${(payload) => done(open, payload)} />`}
    ${heading && !mine.length && html`<p class="soft">${say("req.nosteps")}</p>`}
    ${heading && others.length > 0 && html`<p class="soft">${say("req.elsewhere", others.map((n) => say("do." + n)).join("、"))}</p>`}
    <p class="done" role="status">${told}</p>
    ${secret && html`<p class="secret">${say("form.secret")}<br /><code>${secret}</code></p>`}
  </div>`;
}

// Step is a button: it does a step that asks for nothing, or opens the step's form.
function Step({ step, name, word, main, open, toggle, it, r, done, again }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const [tell] = useState(once);
  const simple = !Object.keys(step.fields).length && !step.sure;
  const go = async () => {
    if (!simple) return toggle();
    setBusy(true);
    setProblem("");
    try {
      done(await take(tell, step, it, {}));
    } catch (e) {
      setProblem(spoken(e, again));
    }
    setBusy(false);
  };
  return html`<button type="button" class=${main ? "main" : ""} data-step=${name} disabled=${busy} aria-expanded=${simple ? null : open} onClick=${go}>${busy ? say("form.sending") : word}</button>
    ${problem && html`<p class="problem" role="alert">${problem}</p>`}`;
}

// spoken is a problem in words; what somebody else changed is read again.
function spoken(e, again) {
  if (e.code !== "CONFLICT" && e.code !== "FENCED") return e.message;
  again();
  return say("form.conflict");
}

function take(tell, step, it, values) {
  const input = { ...values };
  if (step.id) input[step.id] = it.id;
  if (step.fence) input.fence = it.fence;
  else if (!step.loose) input.expectedVersion = it.version;
  return tell(step.what, input);
}

function Form({ step, word, it, r, done, again, back }) {
  return html`<${Asking} title=${word} fields=${step.fields} r=${r} back=${back} again=${again}
    send=${async (values, tell) => done(await take(tell, step, it, values))} />`;
}

// Asking is a form of fields. send gets the values and what to send its change with, and
// may throw a Problem.
export function Asking({ title, fields, r, given = {}, send, again, back }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const [tell] = useState(once);
  const form = useRef();
  useEffect(() => {
    const input = form.current.querySelector("input, select, textarea, button");
    if (input) input.focus();
  }, []);
  const submit = async (e) => {
    e.preventDefault();
    setBusy(true);
    setProblem("");
    try {
      await send(values(form.current, fields), tell);
    } catch (e) {
      setProblem(spoken(e, again));
      setBusy(false);
    }
  };
  const out = (e) => {
    if (e.key !== "Escape") return;
    e.preventDefault(); // closes the form, not the request
    back();
  };
  return html`<form class="asking" ref=${form} onSubmit=${submit} onKeyDown=${out} aria-label=${title}>
    <h3>${title}</h3>
    ${Object.entries(fields).map(([name, kind]) => html`<${Field} key=${name} name=${name} kind=${kind} r=${r} given=${given[name]} />`)}
    ${problem && html`<p class="problem" role="alert">${problem}</p>`}
    <div class="row"><button class="main" type="submit" disabled=${busy}>${say(busy ? "form.sending" : "form.go")}</button>
      <button type="button" onClick=${back}>${say("form.back")}</button></div>
  </form>`;
}

function values(form, fields) {
  const data = new FormData(form), out = {};
  for (const [name, [kind]] of Object.entries(fields)) {
    if (kind === "codes") out[name] = data.getAll(name);
    else if (kind === "flag") out[name] = data.has(name);
    else if (data.get(name) !== "" && data.get(name) !== null) out[name] = kind.startsWith("number") ? Number(data.get(name)) : data.get(name);
  }
  return out;
}

function Field({ name, kind: [kind, ...about], r, given }) {
  const needed = !kind.endsWith("?");
  const label = say("f." + name, ...(kind.startsWith("number") ? about.slice(2) : []));
  switch (kind.replace("?", "")) {
    case "long":
      return html`<label>${label}<textarea name=${name} rows="3" required=${needed} defaultValue=${given || ""}></textarea></label>`;
    case "flag":
      return html`<label class="check"><input type="checkbox" name=${name} />${label}</label>`;
    case "number":
      return html`<label>${label}<input type="number" name=${name} min=${about[0]} max=${about[1]} step=${about[3] || 1} required=${needed} defaultValue=${given} /></label>`;
    case "among":
      return html`<${Choice} name=${name} label=${label} needed=${needed} given=${given || r[name]} options=${about[0].map((v) => [v, among(name, v)])} />`;
    case "codes":
      return html`<${Codes} name=${name} label=${label} list=${about[0]} />`;
    case "code":
      return html`<${Asked} ...${{ name, label, needed }} what="codes" variables=${{ list: about[0] }} pick=${(d) => d.codes.map((c) => [c.id, c.label])} />`;
    case "worker":
      return html`<${Asked} ...${{ name, label, needed }} what="workers" pick=${(d) => d.socialWorkers.nodes.map((w) => [w.id, w.displayName + " · " + w.station.name])} />`;
    case "station":
      return html`<${Asked} ...${{ name, label, needed }} what="stations" pick=${(d) => d.stations.nodes.filter((s) => !r.station || s.id !== r.station.id).map((s) => [s.id, s.name])} />`;
    case "duplicate":
      return html`<${Asked} ...${{ name, label, needed }} what="duplicates" variables=${{ id: r.id }}
        pick=${(d) => d.serviceRequestDuplicates.map((h) => [h.serviceRequest.id, [h.serviceRequest.number, h.serviceRequest.title, h.reasons.map((c) => c.label).join("、")].filter(Boolean).join(" · ")])} />`;
    case "line":
      return html`<${Choice} name=${name} label=${label} needed=${needed} options=${r.needLines.map((l) => [l.id, l.title || l.category.label])} />`;
  }
  return html`<label>${label}<input type=${kind.replace("?", "")} name=${name} required=${needed} defaultValue=${given || ""} /></label>`;
}

function Choice({ name, label, needed, given, options }) {
  return html`<label>${label}<select name=${name} required=${needed}>
    <option value="">${say("form.choose")}</option>
    ${options.map(([value, word]) => html`<option value=${value} selected=${value === given}>${word}</option>`)}
  </select></label>`;
}

// useAnswer asks one question when a field is shown.
function useAnswer(what, variables) {
  const [data, setData] = useState(null);
  useEffect(() => { ask(what, variables).then(setData, () => setData(null)); }, []);
  return data;
}

function Asked({ name, label, needed, what, variables, pick }) {
  const data = useAnswer(what, variables);
  return html`<${Choice} key=${data ? "got" : "not"} name=${name} label=${label} needed=${needed} options=${data ? pick(data) : []} />`;
}

function Codes({ name, label, list }) {
  const data = useAnswer("codes", { list });
  return html`<fieldset><legend>${label}</legend>${data && data.codes.map((c) => html`<label class="check"><input type="checkbox" name=${name} value=${c.id} />${c.label}</label>`)}</fieldset>`;
}
