// Keeps the page and its files, so that the board opens without a network. It keeps
// nothing else: answers of /graphql hold people's data and never pass through here.
const keep = "board-" + shell.name;
const page = new URL("./", self.location).href;
const files = shell.files.map((name) => new URL(shell.name + "/" + name, page).href);

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    await (await caches.open(keep)).addAll([page, ...files]);
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name.startsWith("board-") && name !== keep) await caches.delete(name);
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (files.includes(request.url)) {
    event.respondWith((async () => (await caches.match(request.url)) || fetch(request))());
  } else if (request.mode === "navigate" && request.url.split(/[?#]/)[0] === page) {
    // A fresh page if there is a network: its files may be those of a newer release.
    event.respondWith(fetch(request).catch(() => caches.match(page)));
  }
});
