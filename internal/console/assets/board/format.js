// Times in China's civil time, which all the platform's days are in, and amounts.
import { now } from "./session.js";
import { language, say } from "./words.js";

const zone = "Asia/Shanghai";
const makers = {};
function format(kind, options) {
  const key = kind + language();
  makers[key] ||= new Intl.DateTimeFormat(language(), { timeZone: zone, hourCycle: "h23", ...options });
  return makers[key];
}

export const moment = (t) => (t ? format("m", { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" }).format(new Date(t)) : "");
export const clock = (t) => format("c", { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(new Date(t));
export const date = (day) => format("d", { month: "numeric", day: "numeric" }).format(new Date(day + "T12:00:00+08:00"));
export const span = (w) => {
  if (!w) return "";
  const day = format("d", { month: "numeric", day: "numeric" });
  const from = new Date(w.from), to = new Date(w.to);
  return moment(from) + " – " + (day.format(from) === day.format(to) ? format("t", { hour: "2-digit", minute: "2-digit" }).format(to) : moment(to));
};

// local and instant are what a datetime-local input shows and gives.
export const local = (t) => new Date(Date.parse(t) + 8 * 3600_000).toISOString().slice(0, 16);
export const instant = (text) => new Date(text + ":00+08:00").toISOString();

// length says a length of time in milliseconds, in its two largest units.
export function length(ms) {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  if (minutes < 60) return say("time.minutes", minutes);
  const [unit, large, small] = minutes < 48 * 60 ? ["hours", Math.floor(minutes / 60), minutes % 60] : ["days", Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60)];
  return small ? say("time." + unit, large, small) : say("time." + unit + ".even", large);
}

// began is when the step that a request is in began, which its timer counts from.
const steps = { SUBMITTED: "submittedAt", TRIAGED: "triagedAt", MATCHING: "acceptedAt", DELIVERED: "deliveredAt" };
const began = (r) => Date.parse(r[steps[r.state]] || r.updatedAt || r.createdAt);

// timer is how a request stands against its time: used and whole in milliseconds.
export function timer(r) {
  const from = began(r), used = now() - from;
  if (!r.dueAt) return { used, whole: 0, late: false };
  const due = Date.parse(r.dueAt);
  return { used: Math.max(0, used), whole: Math.max(1, due - from), left: due - now(), late: due <= now() };
}

// amount says a quantity, which the API counts in the smallest unit.
export function amount(q) {
  if (!q) return "";
  const n = Number(q.value);
  switch (q.unit) {
    case "FEN":
      return new Intl.NumberFormat(language(), { style: "currency", currency: "CNY", currencyDisplay: "narrowSymbol", minimumFractionDigits: n % 100 ? 2 : 0 }).format(n / 100);
    case "MINUTE":
      return length(n * 60_000);
    case "GRAM":
      return n % 1000 ? n + " " + say("unit.GRAM") : n / 1000 + (language() === "en" ? " kg" : " 千克");
    case "MILLILITRE":
      return n % 1000 ? n + " " + say("unit.MILLILITRE") : n / 1000 + (language() === "en" ? " l" : " 升");
  }
  return n + (language() === "en" ? "" : " " + say("unit.PIECE"));
}

export const none = (q) => !q || Number(q.value) === 0;
