// The live board: read the list, then follow the feed from its cursor, so that nothing
// falls between. A position that is kept is resumed from after any break; a request is
// shown once a revision.
import documents from "./documents.js";
import { store } from "./html.js";
import { access, ask, endpoint, forget, fresh, heard, introduce, now, renew, session } from "./session.js";
import { language } from "./words.js";

const kept = window.sessionStorage;

// state: opening, live, lost (no connection), catching (connected, the past is not done).
// old is when what is shown was last known to be true, where that is not now.
export const board = store({ state: "opening", cards: new Map(), events: [], caught: 0, old: null, station: "", problem: "", cut: false });

const ended = new Set(["DRAFT", "DECLINED", "MERGED_INTO", "CLOSED", "CANCELLED"]);

let client = null;
let stop = () => {};
let run = 0; // a later start makes an earlier one void
let variables = {};
let lastSeen = Date.now(); // when the feed was last known to be whole

// start shows a station's board, or all that one may see.
export async function start(station = "") {
  const mine = ++run;
  stop();
  board.change({ state: "opening", station, problem: "" });
  if (!board.get().cards.size) recall(station);
  for (let wait = 1000; mine === run; wait = Math.min(2 * wait, 20_000)) {
    try {
      if (!session.get().viewer) await introduce();
      await read(mine, station);
      break;
    } catch (e) {
      if (mine !== run || session.get().state !== "in") return;
      board.change({ state: "lost", problem: e.code === "OFFLINE" ? "" : e.message });
      await pause(wait);
    }
  }
  if (mine === run) follow(mine);
}

// halt ends it and empties the page.
export function halt() {
  run++;
  stop();
  stop = () => {};
  board.change({ state: "opening", cards: new Map(), events: [], old: null, station: "", caught: 0 });
}

async function read(mine, station) {
  const cards = new Map();
  let cursor, after = null, more = true;
  for (let page = 0; page < 10 && more; page++) {
    const list = (await ask("board", { filter: { open: true, ...(station && { stationId: station }) }, after })).serviceRequests;
    if (mine !== run) return;
    cursor ||= list.feedCursor; // of the first page: what changes between pages comes again
    for (const c of list.nodes) cards.set(c.id, c);
    more = list.pageInfo.hasNextPage;
    after = list.pageInfo.endCursor;
  }
  variables = { filter: station ? { stationId: station } : null, after: cursor };
  board.change({ cards, old: null, cut: more });
  remember();
}

function follow(mine) {
  const socket = new URL(endpoint);
  socket.protocol = endpoint.protocol === "https:" ? "wss:" : "ws:";
  let pinged = 0;
  client = globalThis.graphqlWs.createClient({
    url: socket.href,
    keepAlive: 10_000,
    retryAttempts: Infinity,
    // Where the machine itself knows that it has no network there is nothing to try.
    retryWait: (n) => pause(navigator.onLine ? Math.min(500 * 2 ** n, 15_000) * (0.75 + Math.random() / 2) : 60_000),
    // 4403: the token or a right has ended. Trying again with the same one only hides that.
    shouldRetry: (e) => mine === run && e.code !== 4403,
    connectionParams: async () => {
      await fresh(60_000).catch(() => {}); // then the old one is refused, and that is told
      return { authorization: "Bearer " + access(), locale: language() };
    },
    on: {
      connected: () => mine === run && board.change({ state: "catching" }),
      closed: () => { clearTimeout(pinged); if (mine === run) lost(); },
      // A laptop that slept holds a socket that is open and dead.
      ping: (received) => { if (!received) pinged = setTimeout(() => client && client.terminate(), 5000); },
      pong: (received) => { if (received) clearTimeout(pinged); },
    },
  });
  const mineClient = client;
  const unsubscribe = client.subscribe({ query: documents.feed, variables }, {
    next: (m) => { if (mine === run && m.data) take(m.data.requestFeed); },
    error: (e) => { if (mine === run) recover(mine, e); },
    complete: () => {},
  });
  stop = () => { unsubscribe(); mineClient.dispose(); };
}

function lost() {
  if (board.get().state !== "lost") board.change({ state: "lost", caught: 0, old: board.get().old || lastSeen });
}

let refused = 0; // times in a row that the feed was ended for good

// recover finds out why the feed was ended for good: a token that was over is renewed, a
// right that was taken makes another board, and an ended session ends.
async function recover(mine, why) {
  lost();
  if (why && why.reason === "Revoked") board.change({ cards: new Map(), events: [] }); // not a second longer
  await pause(Math.min(1000 * 2 ** refused++, 60_000));
  await renew().catch(() => {}); // an ended session is forgotten by it; for all else start tries again
  if (mine !== run || session.get().state !== "in") return;
  if (Array.isArray(why) && why[0] && why[0].extensions && why[0].extensions.code === "FORBIDDEN") return forget(why[0].message);
  session.change({ viewer: null });
  start(board.get().station);
}

function take(e) {
  variables.after = e.cursor;
  switch (e.__typename) {
    case "RequestEntered":
    case "RequestChanged":
      return show(e);
    case "RequestLeft":
      return drop(e.serviceRequestId);
    case "FeedGap":
      stop();
      return start(board.get().station);
    case "FeedCheckpoint":
      heard(e.at);
      lastSeen = Date.now();
      refused = 0;
      return board.change({ state: "live", old: null });
  }
}

function show(e) {
  const card = e.serviceRequest;
  const { cards, events, state, caught } = board.get();
  const had = cards.get(card.id);
  if (had && BigInt(had.revision) >= BigInt(card.revision)) return;
  const next = new Map(cards);
  if (ended.has(card.state)) next.delete(card.id);
  else next.set(card.id, { ...card, fresh: true });
  board.change({
    cards: next,
    caught: state === "catching" ? caught + 1 : caught,
    // What is spoken and scrolls by names nobody whose class is protected.
    events: [{ id: card.id, number: card.number, title: ["PUBLIC", "RESTRICTED"].includes(card.class) ? card.title : null, category: card.category, kind: e.kind, at: e.at, cursor: e.cursor }, ...events].slice(0, 40),
  });
  if (state === "live") lastSeen = Date.now();
  remember();
}

function drop(id) {
  const next = new Map(board.get().cards);
  if (next.delete(id)) board.change({ cards: next });
  remember();
}

// renewInTime keeps the token fresh and the socket alive past the old token's end.
async function renewInTime() {
  if (session.get().state !== "in" || !access()) return;
  const before = access();
  await fresh(120_000).catch(() => {});
  if (access() && access() !== before && client) {
    client.subscribe({ query: documents.sessionRenew, variables: { input: { accessToken: access() } } }, { next() {}, error() {}, complete() {} });
  }
}

// The clock tells when the machine slept; then the socket is not waited for.
let ticked = Date.now();
setInterval(() => {
  const slept = Date.now() - ticked > 20_000;
  ticked = Date.now();
  if (slept) wake();
  else if (board.get().state === "live") lastSeen = Date.now();
  renewInTime();
}, 2000);

let hurry = () => {};
function pause(time) {
  return new Promise((done) => {
    const timer = setTimeout(done, time);
    hurry = () => { clearTimeout(timer); done(); };
  });
}

// wake comes back at once instead of waiting out a pause.
export function wake() {
  if (client && board.get().state !== "lost") client.terminate();
  hurry();
}
window.addEventListener("online", () => hurry());
window.addEventListener("offline", () => { lost(); if (client) client.terminate(); });

// remember keeps a copy for a reload without a network: in the tab's storage, and without
// titles, names and places, as a browser may write that to disk.
let soon = 0;
function remember() {
  clearTimeout(soon);
  soon = setTimeout(() => {
    if (session.get().state !== "in") return;
    const { cards, station } = board.get();
    const bare = [...cards.values()].slice(0, 300).map(({ title, community, area, lead, ...rest }) => rest);
    kept.setItem("linkage:board:copy", JSON.stringify({ station, at: Date.now(), cards: bare }));
  }, 1500);
}

function recall(station) {
  const copy = JSON.parse(kept.getItem("linkage:board:copy") || "null");
  if (!copy || copy.station !== station) return;
  board.change({ cards: new Map(copy.cards.map((c) => [c.id, { ...c, bare: true }])), old: copy.at });
}

export { now };
