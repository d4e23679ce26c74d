// Who is signed in, and every question to the server. The tokens stand in memory and in
// the tab's session storage: a reload or a phone that puts the tab to sleep does not sign
// one out, and what is closed is forgotten, because offices share computers. Nothing is
// put on disk for longer, and no other site's script can read it (see the page's policy).
import documents from "./documents.js";
import { store } from "./html.js";
import { language, say } from "./words.js";

export const endpoint = new URL("../graphql", document.baseURI);
const kept = window.sessionStorage;

// state: opening (tokens are there, not yet looked at), out, in.
export const session = store({ state: kept.getItem("linkage:board:session") ? "opening" : "out", viewer: null, problem: "", skew: 0 });

let tokens = JSON.parse(kept.getItem("linkage:board:session") || "null");

// Problem is what the server, or the lack of one, answers.
export class Problem extends Error {
  constructor(code, message, path = []) {
    super(message);
    this.code = code;
    this.path = path;
  }
}

// now is the server's clock, as far as it was heard of.
export const now = () => Date.now() + session.get().skew;
export const heard = (time) => session.change({ skew: Date.parse(time) - Date.now() });
export const access = () => tokens && tokens.accessToken;

async function send(name, variables, token) {
  const headers = { "Content-Type": "application/json", "Accept-Language": language() };
  if (token) headers.Authorization = "Bearer " + token;
  let answer;
  try {
    const body = JSON.stringify({ query: documents[name], variables });
    const got = await fetch(endpoint, { method: "POST", headers, body, credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer" });
    answer = await got.json();
  } catch {
    throw new Problem("OFFLINE", say("unreachable"));
  }
  if (answer.errors) {
    const { message, path, extensions } = answer.errors[0];
    throw new Problem((extensions && extensions.code) || "INTERNAL", message, path);
  }
  return answer.data;
}

// ask sends one of the documents as whoever is signed in, and answers its data. It throws
// a Problem; when the session is over everybody is told by its state.
export async function ask(name, variables) {
  await fresh(60_000);
  try {
    return await send(name, variables, access());
  } catch (e) {
    if (e.code === "TOKEN_EXPIRED") {
      await renew();
      return send(name, variables, access());
    }
    if (e.code === "UNAUTHENTICATED" || e.code === "SESSION_ENDED") forget(e.message);
    throw e;
  }
}

// change sends a mutation with its input and answers its payload. It throws the first of
// the payload's errors as a Problem.
export async function change(name, input) {
  const payload = (await ask(name, { input }))[name];
  if (payload.errors.length) {
    throw Object.assign(new Problem(payload.errors[0].code, payload.errors.map((e) => e.message).join(" "), payload.errors[0].path), { answered: true });
  }
  return payload;
}

// once is what a form sends its change with: a repeat after an answer that was lost has
// the same idempotency key, so that nothing is done twice. What was answered, with a no
// too, is over, and the next try another change.
export function once() {
  let kept = "";
  return async (name, input) => {
    kept ||= key();
    try {
      const payload = await change(name, { ...input, idempotencyKey: kept });
      kept = "";
      return payload;
    } catch (e) {
      if (e.answered) kept = "";
      throw e;
    }
  };
}

const key = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");

// fresh sees to it that the access token lives that much longer, or a third of its life
// where that is short.
export async function fresh(margin) {
  if (tokens && Date.parse(tokens.accessExpiresAt) - now() < Math.min(margin, tokens.life / 3)) await renew();
}

// renew exchanges the tokens for fresh ones: one exchange at a time, as each refresh
// token works once.
let renewing = null;
export function renew() {
  renewing ||= (async () => {
    try {
      const { session: got, errors } = (await send("tokenRefresh", { input: { refreshToken: tokens.refreshToken } })).tokenRefresh;
      if (errors.length) throw new Problem(errors[0].code, errors[0].message);
      keep({ ...tokens, ...got });
    } catch (e) {
      if (e.code !== "OFFLINE" && e.code !== "UNAVAILABLE" && e.code !== "RATE_LIMITED") forget(e.message);
      throw e;
    } finally {
      renewing = null;
    }
  })();
  return renewing;
}

function keep(got) {
  tokens = { ...got, life: Date.parse(got.accessExpiresAt) - now() };
  kept.setItem("linkage:board:session", JSON.stringify(tokens));
}

// forget leaves nothing of the session in this browser.
export function forget(problem = "") {
  tokens = null;
  for (const name of Object.keys(kept)) if (name.startsWith("linkage:board:")) kept.removeItem(name);
  release();
  session.change({ state: "out", viewer: null, problem });
}

export async function signIn(name, password) {
  const { session: got, errors } = (await send("signIn", { input: { name, password } })).signIn;
  if (errors.length) throw new Problem(errors[0].code, errors[0].message);
  keep({ ...got, tab: key() });
  await claim();
  await introduce();
}

export async function signOut() {
  // Also where the server cannot be reached: what this browser holds is gone in any case.
  await ask("signOut").catch(() => {});
  forget();
}

// introduce asks who is signed in. Without a network it is taken for granted: nothing
// but the kept board can be seen then.
export async function introduce() {
  try {
    const { viewer, serverInfo } = await ask("viewer");
    heard(serverInfo.time);
    if (!viewer) return forget();
    session.change({ state: "in", viewer, problem: "" });
  } catch (e) {
    if (e.code === "OFFLINE" && tokens) session.change({ state: "in" });
    else if (tokens) session.change({ state: "in", problem: e.message });
  }
}

// A duplicated tab comes with a copy of the session storage, and two tabs with one
// refresh token would end the session. So a tab holds a lock on its own, and a copy
// that does not get it starts signed out.
let release = () => {};
async function claim() {
  if (!navigator.locks) return true;
  for (let tries = 0; tries < 5; tries++) {
    const got = await new Promise((done) => {
      navigator.locks.request("linkage:board:" + tokens.tab, { ifAvailable: true }, (lock) => {
        done(Boolean(lock));
        return lock ? new Promise((end) => (release = end)) : undefined;
      });
    });
    if (got) return true;
    await new Promise((done) => setTimeout(done, 200)); // a reloaded page lets go a moment later
  }
  return false;
}

// open looks at what a reloaded tab still holds.
export async function open() {
  if (!tokens) return;
  if (!(await claim())) return forget(say("copied"));
  await introduce();
}
