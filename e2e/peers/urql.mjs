// urql: user errors in the payload, persisted queries by hash alone, also those of
// subscriptions, and a subscription over graphql-ws that resumes.
import { Client, cacheExchange, fetchExchange, gql, subscriptionExchange } from '@urql/core';
import { persistedExchange } from '@urql/exchange-persisted';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { assert, cut, line, Need, Seen, signIn, step, url } from './desk.mjs';

const token = await signIn();
const need = await Need.submit(token, '合唱队排练场地');

const asked = [];
const sockets = createClient({
  url: line, webSocketImpl: WebSocket, connectionParams: { authorization: `Bearer ${token}` },
  retryAttempts: 20, retryWait: () => new Promise((done) => setTimeout(done, 20)), shouldRetry: () => true,
});
const client = new Client({
  url,
  fetchOptions: { headers: { authorization: `Bearer ${token}` } },
  fetch: (uri, options) => {
    const body = options.body ? JSON.parse(options.body) : Object.fromEntries(new URL(uri).searchParams);
    asked.push(`${options.method} ${body.query ? 'text' : 'hash'}`);
    return fetch(uri, options);
  },
  exchanges: [
    cacheExchange,
    persistedExchange({ enableForSubscriptions: true }),
    fetchExchange,
    subscriptionExchange({
      forwardSubscription(body) {
        // The protocol wants a query; empty, it leads to the hash. graphql-ws sends the
        // operation again as it then is: keep the last cursor in it.
        const operation = { ...body, query: body.query || '', extensions: { ...body.extensions } };
        asked.push(`socket ${operation.query ? 'text' : 'hash'}`);
        return {
          subscribe: (sink) => ({
            unsubscribe: sockets.subscribe(operation, {
              ...sink,
              next(result) {
                if (result.extensions?.cursor) operation.extensions.resumeAfter = result.extensions.cursor;
                sink.next(result);
              },
            }),
          }),
        };
      },
    }),
  ],
});

const list = gql`query List($after: String) {
  serviceRequests(first: 3, after: $after) { feedCursor nodes { id title } pageInfo { hasNextPage endCursor } }
}`;
const first = (await client.query(list, {}).toPromise()).data.serviceRequests;
const second = (await client.query(list, { after: first.pageInfo.endCursor }).toPromise()).data.serviceRequests;
assert.equal(new Set([...first.nodes, ...second.nodes].map((node) => node.id)).size, 6);
step('a list is read by pages');

assert.deepEqual(asked.splice(0), ['GET hash', 'GET text', 'GET hash']);
step('a persisted query is registered once and then asked for by its hash, with GET');

const change = gql`mutation Change($input: ServiceRequestChangeInput!) {
  serviceRequestChange(input: $input) {
    serviceRequest { id version title }
    errors { code message path ... on ConflictError { expectedVersion actualVersion } }
  }
}`;
const stale = await client.mutation(change, { input: { serviceRequestId: need.id, title: '0', expectedVersion: need.version + 7 } }).toPromise();
assert.equal(stale.error, undefined);
assert.deepEqual(stale.data.serviceRequestChange.errors.map(({ __typename, code, actualVersion }) => [__typename, code, actualVersion]), [['ConflictError', 'CONFLICT', need.version]]);
const refused = await client.query(gql`query Long { serviceRequests(first: 101) { nodes { id } } }`, {}).toPromise();
assert.equal(refused.error.graphQLErrors[0].extensions.code, 'PAGE_INVALID');
step('what the user can mend stands in the payload, what not in errors with its code');
asked.length = 0;

const feed = gql`subscription Feed($id: ID!, $after: String) {
  requestFeed(filter: { serviceRequestId: $id }, after: $after) {
    __typename
    ... on FeedEvent { cursor }
    ... on RequestChanged { serviceRequest { id revision title } }
  }
}`;
const seen = new Seen();
client.subscription(feed, { id: need.id, after: first.feedCursor }).subscribe(({ data, error }) => {
  if (error) seen.add(String(error));
  else if (data.requestFeed.__typename === 'RequestChanged') seen.add(data.requestFeed.serviceRequest.title);
});
await need.retitle('1', '2');
await seen.until(2);
await cut();
await need.retitle('3');
assert.deepEqual(await seen.until(3), ['1', '2', '3']);
assert.deepEqual(asked, ['socket hash', 'socket text']);
step('a subscription sent by its hash resumes where its line broke');
process.exit(0);
