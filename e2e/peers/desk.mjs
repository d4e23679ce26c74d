// What every client's script needs of a station: to sign in, to make needs and change
// them while the client watches, to cut the line, and to say what it has shown.
import assert from 'node:assert/strict';

// url is where the server is, line the same for sockets over a way that can be cut; built
// is the folder of build.mjs.
const [url, line, cutter, built] = process.argv.slice(2);
export { assert, built, line, url };

// step says that something was shown.
export const step = (name) => console.log(JSON.stringify({ step: name }));

// cut ends every connection over the line, without a word.
export const cut = () => fetch(cutter);

export async function ask(token, query, variables = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  assert.equal(errors, undefined);
  return data;
}

// signIn opens a session of the station's coordinator, as the demonstration world has them.
export async function signIn(name = 'coordinator', password = 'tangshan-coord-2026') {
  const { signIn } = await ask('', `mutation ($input: SignInInput!) { signIn(input: $input) { session { accessToken } errors { message } } }`, { input: { name, password } });
  assert.deepEqual(signIn.errors, []);
  return signIn.session.accessToken;
}

export const signOut = (token) => ask(token, `mutation { signOut(input: {}) { errors { message } } }`);

// Need is a need of a community, in the hands of its station.
export class Need {
  static async submit(token, title) {
    const { serviceRequestDraft: made } = await ask(token, `mutation ($input: ServiceRequestDraftInput!) { serviceRequestDraft(input: $input) { serviceRequest { id version } errors { message } } }`,
      { input: { communityId: 'com_130203001010', category: 'GROUP_ACTIVITY_VENUE', title } });
    assert.deepEqual(made.errors, []);
    const need = Object.assign(new Need(), made.serviceRequest, { token });
    await need.run('serviceRequestSubmit', {});
    return need;
  }

  // retitle makes one event for each title.
  async retitle(...titles) {
    for (const title of titles) await this.run('serviceRequestChange', { title });
  }

  async run(mutation, input) {
    const kind = mutation[0].toUpperCase() + mutation.slice(1);
    const { [mutation]: done } = await ask(this.token, `mutation ($input: ${kind}Input!) { ${mutation}(input: $input) { serviceRequest { version } errors { message } } }`,
      { input: { serviceRequestId: this.id, expectedVersion: this.version, ...input } });
    assert.deepEqual(done.errors, []);
    this.version = done.serviceRequest.version;
  }

  // cursor is where the feed stands now.
  async cursor() {
    return (await ask(this.token, `{ serviceRequests(first: 1) { feedCursor } }`)).serviceRequests.feedCursor;
  }
}

// Seen gathers what a client is told and waits for it.
export class Seen {
  titles = [];
  #woken = () => {};

  add(title) {
    this.titles.push(title);
    this.#woken();
  }

  // until there are as many, or the test's patience is over.
  async until(n) {
    while (this.titles.length < n) {
      await new Promise((resolve, reject) => {
        const over = setTimeout(() => reject(new Error(`saw ${JSON.stringify(this.titles)}, not ${n}`)), 20_000);
        this.#woken = () => { clearTimeout(over); resolve(); };
      });
    }
    return this.titles;
  }
}
