// Asks the server at process.argv[2] what graphql-http's audits ask, and prints one line
// of JSON for each: its id, its words, "ok" or how badly it failed, and why.
import { serverAudits } from 'graphql-http';

for (const audit of serverAudits({ url: process.argv[2] })) {
  const result = await audit.fn();
  console.log(JSON.stringify({ id: audit.id, name: audit.name, status: result.status, reason: result.reason ?? '' }));
}
