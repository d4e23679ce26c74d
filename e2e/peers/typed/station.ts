// A station's screen in TypeScript over the types that graphql-codegen makes. What must
// not compile is marked so: tsc fails where it does.
import { createClient } from 'graphql-ws';
import { type CardFragment, ChangeDocument, type ErrorCode, FeedDocument, type FeedSubscription, ListDocument, type ListQuery, type TypedDocumentString } from './gql/graphql.js';

// byId is a request by the document's id, as the server's manifest of trusted documents knows it.
const byId = <R, V>(document: TypedDocumentString<R, V>, variables: V) => ({
  query: '', variables, extensions: { persistedQuery: { version: 1, sha256Hash: String(document.__meta__?.['hash']) } },
});

export class Station {
  constructor(private url: string, private socket: string, private token: string, private webSocketImpl: unknown) {}

  async ask<R, V>(document: TypedDocumentString<R, V>, variables: V): Promise<R> {
    const response = await fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.token}` },
      body: JSON.stringify(byId(document, variables)),
    });
    const { data, errors } = await response.json() as { data?: R; errors?: { message: string }[] };
    if (errors || !data) throw new Error(JSON.stringify(errors));
    return data;
  }

  async *pages(first: number): AsyncGenerator<{ feedCursor: string; cards: CardFragment[] }> {
    for (let after: string | null = null; ;) {
      const { serviceRequests: page }: ListQuery = await this.ask(ListDocument, { first, after });
      yield { feedCursor: page.feedCursor, cards: page.nodes };
      if (!page.pageInfo.hasNextPage) return;
      after = page.pageInfo.endCursor;
    }
  }

  // retitle returns the version that stands against it, or null.
  async retitle(serviceRequestId: string, title: string, expectedVersion: number): Promise<{ code: ErrorCode; actualVersion?: number } | null> {
    const { serviceRequestChange: done } = await this.ask(ChangeDocument, { input: { serviceRequestId, title, expectedVersion } });
    for (const error of done.errors) {
      switch (error.__typename) {
        case 'ConflictError': return { code: error.code, actualVersion: error.actualVersion };
        case 'InputError':
          // @ts-expect-error only a conflict has versions
          void error.actualVersion;
          return { code: error.code };
        default: return { code: error.code };
      }
    }
    return null;
  }

  async *feed(serviceRequestId: string, after: string): AsyncGenerator<FeedSubscription['requestFeed']> {
    const client = createClient({ url: this.socket, webSocketImpl: this.webSocketImpl, connectionParams: { authorization: `Bearer ${this.token}` } });
    try {
      for await (const { data } of client.iterate<FeedSubscription>(byId(FeedDocument, { after, filter: { serviceRequestId } }))) {
        if (data) yield data.requestFeed;
      }
    } finally {
      await client.dispose();
    }
  }
}

export function title(event: FeedSubscription['requestFeed']): string | null | undefined {
  // @ts-expect-error not every event has a request
  void event.serviceRequest;
  return event.__typename === 'RequestChanged' ? event.serviceRequest.title : undefined;
}

export function wrong(station: Station) {
  // @ts-expect-error expectedVersion is missing
  void station.ask(ChangeDocument, { input: { serviceRequestId: 'req_1', title: '1' } });
  // @ts-expect-error a revision is a text of 64 bits
  return (card: CardFragment): number => card.revision;
}
