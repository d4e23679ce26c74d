// The compiled typed/station.ts at work; the server knows its documents by their ids.
import { pathToFileURL } from 'node:url';
import WebSocket from 'ws';
import { assert, built, line, Need, signIn, step, url } from './desk.mjs';

const { Station, title } = await import(pathToFileURL(`${built}/js/station.js`));
const token = await signIn();
const need = await Need.submit(token, '合唱队排练场地');
const station = new Station(url, line, token, WebSocket);

const cards = [];
let cursor;
for await (const page of station.pages(5)) {
  cursor ??= page.feedCursor;
  cards.push(...page.cards);
}
assert.ok(cards.length > 10 && new Set(cards.map((card) => card.id)).size === cards.length);
step('typed pages, to the last');

assert.deepEqual(await station.retitle(need.id, '0', need.version + 7), { code: 'CONFLICT', actualVersion: need.version });
step('a typed user error');

await need.retitle('1', '2');
const titles = [];
for await (const event of station.feed(need.id, cursor)) {
  if (title(event) && titles.push(title(event)) === 2) break;
}
assert.deepEqual(titles, ['1', '2']);
step('a typed feed');
process.exit(0);
