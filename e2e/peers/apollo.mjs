// Apollo Client: a paged list, user errors in the payload, persisted queries by hash alone,
// and a subscription over graphql-ws that resumes and keeps the cache current.
import { createHash } from 'node:crypto';
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { SetContextLink } from '@apollo/client/link/context';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { relayStylePagination } from '@apollo/client/utilities';
import { createClient } from 'graphql-ws';
import { filter, firstValueFrom, tap } from 'rxjs';
import WebSocket from 'ws';
import { assert, cut, line, Need, Seen, signIn, step, url } from './desk.mjs';

const token = await signIn();
const need = await Need.submit(token, '合唱队排练场地');

// asked notes how each request of the HTTP link went out.
const asked = [];
const http = new HttpLink({
  uri: url,
  fetch: (uri, options) => {
    const body = options.body ? JSON.parse(options.body) : Object.fromEntries(new URL(uri).searchParams);
    asked.push(`${options.method} ${body.query ? 'text' : 'hash'}`);
    return fetch(uri, options);
  },
});
const authorized = new SetContextLink(({ headers }) => ({ headers: { ...headers, authorization: `Bearer ${token}` } }));
const persisted = new PersistedQueryLink({ sha256: (text) => createHash('sha256').update(text).digest('hex'), useGETForHashedQueries: true });
const sockets = createClient({
  url: line, webSocketImpl: WebSocket, connectionParams: { authorization: `Bearer ${token}` },
  retryAttempts: 20, retryWait: () => new Promise((done) => setTimeout(done, 20)), shouldRetry: () => true,
});
// graphql-ws sends the operation again as it then is: keep the last cursor in it.
const resuming = new ApolloLink((operation, forward) => forward(operation).pipe(tap((result) => {
  if (result.extensions?.cursor) operation.extensions.resumeAfter = result.extensions.cursor;
})));
const client = new ApolloClient({
  link: persisted.split(({ operationType }) => operationType === 'subscription',
    ApolloLink.from([resuming, new GraphQLWsLink(sockets)]), ApolloLink.from([authorized, http])),
  cache: new InMemoryCache({
    typePolicies: {
      Query: { fields: { serviceRequests: relayStylePagination(['filter', 'sort']) } },
      Code: { keyFields: ['list', 'id'] }, // an id is unique in its list only
    },
  }),
});

const list = gql`query List($first: Int, $after: String) {
  serviceRequests(first: $first, after: $after) {
    feedCursor
    edges { cursor node { id revision title category { list id label } } }
    pageInfo { hasNextPage endCursor }
  }
}`;
const all = client.watchQuery({ query: list, variables: { first: 3 } });
const { data: { serviceRequests: first } } = await firstValueFrom(all.pipe(filter(({ loading }) => !loading)));
assert.equal(first.edges.length, 3);
assert.equal(first.pageInfo.hasNextPage, true);
await all.fetchMore({ variables: { after: first.pageInfo.endCursor } });
const ids = client.readQuery({ query: list, variables: { first: 3 } }).serviceRequests.edges.map((edge) => edge.node.id);
assert.equal(new Set(ids).size, 6);
step('a list read by pages grows in the cache');

assert.deepEqual(asked.splice(0), ['GET hash', 'POST text', 'GET hash']);
await client.query({ query: list, variables: { first: 3 }, fetchPolicy: 'network-only' });
assert.deepEqual(asked.splice(0), ['GET hash']);
step('a persisted query is registered once and then asked for by its hash, with GET');

const change = gql`mutation Change($input: ServiceRequestChangeInput!) {
  serviceRequestChange(input: $input) {
    serviceRequest { id version title }
    errors { __typename code message path ... on ConflictError { expectedVersion actualVersion } }
  }
}`;
const { data: { serviceRequestChange: stale } } = await client.mutate({ mutation: change, variables: { input: { serviceRequestId: need.id, title: '0', expectedVersion: need.version + 7 } } });
assert.equal(stale.serviceRequest, null);
assert.deepEqual(stale.errors.map(({ __typename, code, actualVersion }) => [__typename, code, actualVersion]), [['ConflictError', 'CONFLICT', need.version]]);
const refused = await client.query({ query: gql`query Long { serviceRequests(first: 101) { nodes { id } } }`, errorPolicy: 'all' });
assert.equal(refused.error.errors[0].extensions.code, 'PAGE_INVALID');
step('what the user can mend stands in the payload, what not in errors with its code');

const feed = gql`subscription Feed($id: ID!, $after: String) {
  requestFeed(filter: { serviceRequestId: $id }, after: $after) {
    __typename
    ... on FeedEvent { cursor }
    ... on RequestChanged { serviceRequest { id revision title } }
  }
}`;
const seen = new Seen();
client.subscribe({ query: feed, variables: { id: need.id, after: first.feedCursor } }).subscribe({
  next: ({ data: { requestFeed: event } }) => { if (event.__typename === 'RequestChanged') seen.add(event.serviceRequest.title); },
  error: (error) => seen.add(String(error)),
});
await need.retitle('1', '2');
await seen.until(2);
await cut();
await need.retitle('3');
assert.deepEqual(await seen.until(3), ['1', '2', '3']);
const kept = client.readFragment({ id: `ServiceRequest:${need.id}`, fragment: gql`fragment Title on ServiceRequest { title }` });
assert.equal(kept.title, '3');
step('a subscription resumes where its line broke, and the cache follows it');
process.exit(0);
