// Where the needs are: cells of a plain grid of latitude and longitude. There is no
// outline of any division under it, as no freely licensed one was found.
import { html, useStore } from "./html.js";
import { say } from "./words.js";
import { board } from "./live.js";
import { timer } from "./format.js";

const cell = 0.01; // degrees: about a kilometre, as coarse as strangers get it from the server

// spot is where a request may stand on a map that others in the room can see: its
// community for public ones, the middle of a cell for ordinary ones, nowhere for others.
export function spot(r) {
  const at = r.community && r.community.location;
  if (!at || r.class === "PROTECTED" || r.class === "SEALED") return null;
  if (r.class === "PUBLIC") return { lat: at.latitude, lng: at.longitude };
  return { lat: (Math.floor(at.latitude / cell) + 0.5) * cell, lng: (Math.floor(at.longitude / cell) + 0.5) * cell };
}

const figures = (list) => ({ open: list.length, urgent: list.filter((r) => r.urgency === "URGENT").length, late: list.filter((r) => timer(r).late).length });

function group(list, by) {
  const found = new Map();
  for (const r of list) {
    const name = by(r);
    if (name) found.set(name, [...(found.get(name) || []), r]);
  }
  return found;
}

export function CountMap() {
  const { cards } = useStore(board);
  const all = [...cards.values()];
  const guarded = (r) => r.class === "PROTECTED" || r.class === "SEALED";
  const placed = group(all, (r) => { const s = spot(r); return s && s.lat.toFixed(5) + "," + s.lng.toFixed(5); });
  const rows = [...group(all, (r) => (guarded(r) ? say("map.hidden") : (r.community && r.community.name) || (r.area && r.area.name) || say("map.unknown")))]
    .map(([name, list]) => ({ name, ...figures(list) })).sort((a, b) => b.urgent - a.urgent || b.open - a.open || a.name.localeCompare(b.name));
  return html`<section class="page map" aria-labelledby="map-heading">
    <h1 id="map-heading">${say("nav.map")}</h1>
    <p>${placed.size ? say("map.lead") : say("map.none")}</p>
    ${placed.size > 0 && html`<${Grid} placed=${placed} />`}
    <table><caption class="unseen">${say("map.table")}</caption>
      <thead><tr><th scope="col">${say("map.place")}</th><th scope="col">${say("map.open")}</th><th scope="col">${say("map.urgent")}</th><th scope="col">${say("map.late")}</th></tr></thead>
      <tbody>${rows.map((row) => html`<tr key=${row.name}><th scope="row">${row.name}</th><td>${row.open}</td><td>${row.urgent}</td><td>${row.late}</td></tr>`)}</tbody>
    </table>
  </section>`;
}

function Grid({ placed }) {
  const spots = [...placed].map(([at, list]) => { const [lat, lng] = at.split(",").map(Number); return { lat, lng, list }; });
  const low = (f) => Math.floor(Math.min(...spots.map(f)) / cell - 1) * cell, high = (f) => Math.ceil(Math.max(...spots.map(f)) / cell + 1) * cell;
  const south = low((s) => s.lat), north = high((s) => s.lat), west = low((s) => s.lng), east = high((s) => s.lng);
  const squeeze = Math.cos(((south + north) / 2) * (Math.PI / 180)); // a degree of longitude is shorter
  const width = 340, scale = width / ((east - west) * squeeze);
  const x = (lng) => (lng - west) * squeeze * scale, y = (lat) => (north - lat) * scale;
  const height = (north - south) * scale;
  const step = cell * Math.max(1, Math.ceil(Math.max(north - south, east - west) / cell / 7));
  const lines = (from, to) => { const out = []; for (let n = Math.ceil(from / step - 1e-6); n * step <= to + 1e-9; n++) out.push(n * step); return out; };
  return html`<svg viewBox="-50 -10 ${width + 75} ${height + 35}" role="img" aria-label=${say("map.table")}>
    ${lines(south, north).map((lat) => html`<g key=${"a" + lat}><line x1="0" x2=${width} y1=${y(lat)} y2=${y(lat)} /><text x="-6" y=${y(lat) + 4} text-anchor="end">${lat.toFixed(2)}°</text></g>`)}
    ${lines(west, east).map((lng) => html`<g key=${"o" + lng}><line y1="0" y2=${height} x1=${x(lng)} x2=${x(lng)} /><text x=${x(lng)} y=${height + 17} text-anchor="middle">${lng.toFixed(2)}°</text></g>`)}
    ${spots.map((s) => {
      const { open, urgent } = figures(s.list);
      const names = [...new Set(s.list.map((r) => r.community.name))].join("、");
      return html`<g key=${s.lat + "," + s.lng} class=${urgent ? "spot urgent" : "spot"}><title>${say("map.spot", names, open, urgent)}</title>
        <circle cx=${x(s.lng)} cy=${y(s.lat)} r=${7 + 4 * Math.sqrt(open)} /><text x=${x(s.lng)} y=${y(s.lat) + 5} text-anchor="middle">${open}</text></g>`;
    })}
  </svg>`;
}
