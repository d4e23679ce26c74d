// Relay without React: what relay-compiler made of relay/Station.js, sent by its ids alone,
// over a network layer of fetch and graphql-ws.
import { createRequire } from 'node:module';
import { createClient } from 'graphql-ws';
import relay from 'relay-runtime';
import WebSocket from 'ws';
import { assert, built, cut, line, Need, Seen, signIn, step, url } from './desk.mjs';

const { commitMutation, createOperationDescriptor, Environment, fetchQuery, getSingularSelector, Network, Observable, RecordSource, requestSubscription, Store } = relay;
const artifact = (name) => createRequire(`${built}/artifacts/`)(`./${name}.graphql.js`);
const token = await signIn();
const need = await Need.submit(token, '合唱队排练场地');

const body = (params, variables) => ({ query: params.text ?? '', variables, extensions: params.id ? { persistedQuery: { version: 1, sha256Hash: params.id } } : {} });
const sockets = createClient({
  url: line, webSocketImpl: WebSocket, connectionParams: { authorization: `Bearer ${token}` },
  retryAttempts: 20, retryWait: () => new Promise((done) => setTimeout(done, 20)), shouldRetry: () => true,
});
const environment = new Environment({
  network: Network.create(
    async (params, variables) => {
      assert.equal(params.text, null);
      const response = await fetch(url, {
        method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` }, body: JSON.stringify(body(params, variables)),
      });
      return response.json();
    },
    (params, variables) => Observable.create((sink) => {
      // graphql-ws sends the operation again as it then is: keep the last cursor in it.
      const operation = body(params, variables);
      return sockets.subscribe(operation, {
        ...sink,
        next(result) {
          if (result.extensions?.cursor) operation.extensions.resumeAfter = result.extensions.cursor;
          sink.next(result);
        },
      });
    }),
  ),
  // An id of a Code is unique in its list only.
  getDataID: (value, type) => (type === 'Code' ? `Code:${value.list}:${value.id}` : value.id),
  store: new Store(new RecordSource()),
});

// root and list read the store as the hooks of react-relay do.
const root = createOperationDescriptor(artifact('StationQuery'), {});
environment.retain(root);
const list = () => environment.lookup(getSingularSelector(artifact('Station_list'), environment.lookup(root.fragment).data)).data.serviceRequests;
const card = (ref) => environment.lookup(getSingularSelector(artifact('Station_card'), ref)).data;
const ids = () => list().edges.map((edge) => edge.node.id);

await fetchQuery(environment, artifact('StationQuery'), {}).toPromise();
assert.equal(ids().length, 3);
const { endCursor: after } = list().pageInfo;
await fetchQuery(environment, artifact('StationListQuery'), { first: 3, after }).toPromise();
assert.equal(new Set(ids()).size, 6);
assert.equal(list().pageInfo.hasNextPage, true);
step('a connection grows by the pages of its refetchable query');

await need.retitle('0');
const node = await fetchQuery(environment, artifact('StationCardQuery'), { id: need.id }).toPromise();
assert.equal(card(node.node).title, '0');
step('an object is fetched again by node(id)');

const change = (input) => new Promise((onCompleted, onError) => commitMutation(environment, { mutation: artifact('StationChangeMutation'), variables: { input }, onCompleted, onError }));
const input = { serviceRequestId: need.id, title: 'R', expectedVersion: need.version + 7 };
const { serviceRequestChange: stale } = await change(input);
assert.deepEqual(stale.errors.map(({ __typename, code, actualVersion }) => [__typename, code, actualVersion]), [['ConflictError', 'CONFLICT', need.version]]);
const { serviceRequestChange: done } = await change({ ...input, expectedVersion: need.version });
assert.deepEqual(done.errors, []);
need.version = card(done.serviceRequest).version;
assert.equal(card(list().edges.find((edge) => edge.node.id === need.id).node).title, 'R');
step('a mutation tells its user errors, and mends the store where it has none');

const [seen, other] = [new Seen(), '书法班场地'];
requestSubscription(environment, {
  subscription: artifact('StationFeedSubscription'),
  variables: { after: list().feedCursor, connections: [list().__id] },
  onNext: ({ requestFeed: event }) => {
    if (event.serviceRequest?.id === need.id) seen.add(card(event.serviceRequest).title);
    else if (event.__typename === 'RequestEntered' && card(event.serviceRequest).title === other) seen.add('entered'); // others work beside
  },
  onError: (error) => seen.add(String(error)),
});
assert.deepEqual(await seen.until(2), ['0', 'R']);
await cut();
await need.retitle('1');
const { id } = await Need.submit(token, other);
assert.deepEqual(await seen.until(4), ['0', 'R', '1', 'entered']);
assert.ok(ids().includes(id));
step('a subscription resumes where its line broke; what enters stands in the connection');
process.exit(0);
