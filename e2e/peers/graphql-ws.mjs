// graphql-ws, the client that Apollo, urql and Relay use for their subscriptions, with its
// own retry, over a line that breaks.
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { assert, cut, line, Need, Seen, signIn, signOut, step } from './desk.mjs';

const feed = `subscription ($id: ID!, $after: String) {
  requestFeed(filter: { serviceRequestId: $id }, after: $after) {
    __typename
    ... on FeedEvent { cursor }
    ... on RequestChanged { serviceRequest { title revision } }
  }
}`;

let token = await signIn();
const desk = await signIn(); // who changes the needs; its session goes on
const retry = { shouldRetry: () => true, retryAttempts: 20, retryWait: () => new Promise((done) => setTimeout(done, 20)) };
const connect = (options) => createClient({
  url: line, webSocketImpl: WebSocket, connectionParams: () => ({ authorization: `Bearer ${token}`, locale: 'en' }), ...retry, ...options,
});

// watch notes the titles and revisions of what changed; keep is told each result.
function watch(client, payload, keep = () => {}) {
  const seen = Object.assign(new Seen(), { revisions: [], failed: null });
  seen.end = client.subscribe({ query: feed, ...payload }, {
    next(result) {
      keep(result);
      const event = result.data.requestFeed;
      assert.equal(result.extensions.cursor, event.cursor);
      if (event.__typename !== 'RequestChanged') return;
      seen.revisions.push(event.serviceRequest.revision);
      seen.add(event.serviceRequest.title);
    },
    error: (error) => { seen.failed = error; seen.add('failed'); },
    complete: () => {},
  });
  return seen;
}

{
  const need = await Need.submit(desk, '合唱队排练场地');
  const client = connect();
  const seen = watch(client, { variables: { id: need.id, after: await need.cursor() } });
  await need.retitle('1', '2');
  await seen.until(2);
  await cut();
  await need.retitle('3');
  assert.deepEqual(await seen.until(5), ['1', '2', '1', '2', '3']);
  assert.deepEqual(seen.revisions.slice(2, 4), seen.revisions.slice(0, 2));
  assert.equal(new Set(seen.revisions).size, 3);
  client.dispose();
  step('the stock client: nothing is lost, repeats are told by their revision');
}

for (const [name, payload, keep] of [
  ['after', (variables) => ({ variables }), (payload, cursor) => { payload.variables.after = cursor; }],
  ['resumeAfter', (variables) => ({ variables, extensions: {} }), (payload, cursor) => { payload.extensions.resumeAfter = cursor; }],
]) {
  const need = await Need.submit(desk, '合唱队排练场地');
  const client = connect();
  const sent = payload({ id: need.id, after: await need.cursor() });
  const seen = watch(client, sent, (result) => keep(sent, result.extensions.cursor));
  for (const [i, title] of ['1', '2', '3', '4'].entries()) {
    await need.retitle(title);
    if (i % 2 === 1) await seen.until(i + 1); // else the line breaks with the event on its way
    await cut();
  }
  await need.retitle('5');
  assert.deepEqual(await seen.until(5), ['1', '2', '3', '4', '5']);
  client.dispose();
  step(`a client that keeps its cursor in ${name}: each once`);
}

{
  const need = await Need.submit(desk, '合唱队排练场地');
  const closed = new Seen();
  const client = connect({
    shouldRetry: () => true,
    on: { closed: async (event) => { closed.add(`${event.code} ${event.reason}`); } },
    connectionParams: async () => {
      if (closed.titles.length > 0) token = await signIn();
      return { authorization: `Bearer ${token}` };
    },
  });
  const variables = { id: need.id, after: await need.cursor() };
  const seen = watch(client, { variables }, (result) => { variables.after = result.extensions.cursor; });
  await need.retitle('1');
  await seen.until(1);
  await signOut(token);
  assert.deepEqual(await closed.until(1), ['4403 Revoked']);
  await need.retitle('2');
  assert.deepEqual(await seen.until(2), ['1', '2']);
  client.dispose();
  step('an ended session closes with 4403, and a fresh token goes on where the old one was');
}

{
  const client = connect({ connectionParams: { authorization: 'Bearer none' }, retryAttempts: 0 });
  const seen = watch(client, { variables: { id: 'req_ts' } });
  await seen.until(1);
  assert.deepEqual([seen.failed.code, seen.failed.reason], [4403, 'Forbidden']);
  step('a token that is none is refused with 4403');
}
process.exit(0);
