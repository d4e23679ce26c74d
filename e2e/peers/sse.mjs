// Runs one query and one subscription over graphql-sse, in both of its modes, and prints
// one line of JSON for each result. argv: the server's address, a token.
import { createClient } from 'graphql-sse';

const [url, token] = process.argv.slice(2);
for (const singleConnection of [false, true]) {
  const client = createClient({ url, singleConnection, headers: { authorization: `Bearer ${token}` }, retryAttempts: 0 });
  const first = async (query) => {
    for await (const result of client.iterate({ query })) return result;
  };
  for (const query of ['{ viewer { account { name } } }', 'subscription { requestFeed { __typename } }', '{ nosuch }']) {
    try {
      console.log(JSON.stringify({ singleConnection, query, result: await first(query) }));
    } catch (error) {
      console.log(JSON.stringify({ singleConnection, query, error: String(error), status: error?.response?.status }));
    }
  }
  client.dispose();
}
process.exit(0);
