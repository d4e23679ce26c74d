// The page's own script: who asks (a bearer token) and in which language, for HTTP and
// for the websocket alike, around an unchanged GraphiQL.
(function () {
  "use strict";

  const endpoint = new URL("graphql", document.baseURI);
  const socket = new URL(endpoint);
  socket.protocol = endpoint.protocol === "https:" ? "wss:" : "ws:";

  // The tab's storage only: offices share computers, and queries hold people's data too.
  const kept = window.sessionStorage;
  const asking = {
    token: kept.getItem("linkage:token") || "",
    locale: kept.getItem("linkage:locale") || (/^zh\b/i.test(navigator.language) ? "zh-CN" : "en"),
  };

  const $ = (id) => document.getElementById(id);
  const words = {
    "zh-CN": {
      nobody: "未登录：只见公开内容", asking: "正在核对…", unreachable: "服务器没有应答",
      known: (v) => "已登录：" + v.account.displayName + "（" + v.roles.join("、") + "）",
    },
    en: {
      nobody: "Not signed in: public things only", asking: "Checking…", unreachable: "The server does not answer",
      known: (v) => "Signed in: " + v.account.displayName + " (" + v.roles.join(", ") + ")",
    },
  };
  const say = () => words[asking.locale];

  function request(address, init) {
    const headers = new Headers(init.headers);
    headers.set("Accept-Language", asking.locale);
    if (asking.token) headers.set("Authorization", "Bearer " + asking.token);
    return fetch(address, { ...init, headers, credentials: "omit", referrerPolicy: "no-referrer" });
  }

  const live = graphqlWs.createClient({
    url: socket.href,
    lazy: true,
    connectionParams: () => ({
      locale: asking.locale,
      ...(asking.token ? { authorization: "Bearer " + asking.token } : {}),
    }),
    // 4403: the token is refused. Trying again with the same one only hides that.
    shouldRetry: (e) => typeof e.code === "number" && e.code !== 4403,
  });

  let round = 0; // answers to an earlier token come too late
  async function introduce() {
    const mine = ++round;
    const show = (text, refused) => {
      if (mine !== round) return;
      $("who").textContent = text;
      $("who").title = text;
      $("who").classList.toggle("refused", Boolean(refused));
    };
    if (!asking.token) return show(say().nobody);
    show(say().asking);
    try {
      const answer = await (await request(endpoint, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ query: "query Who{viewer{account{displayName} roles}}" }),
      })).json();
      if (answer.data && answer.data.viewer) return show(say().known(answer.data.viewer));
      show(answer.errors ? answer.errors[0].message : say().nobody, true);
    } catch (_) {
      show(say().unreachable, true);
    }
  }

  function translate() {
    const lang = asking.locale === "en" ? "en" : "zh";
    document.documentElement.lang = asking.locale;
    $("locale").value = asking.locale;
    for (const e of document.querySelectorAll("[data-" + lang + "]")) e.textContent = e.dataset[lang];
    for (const e of document.querySelectorAll("[data-" + lang + "-title]")) e.title = e.placeholder = e.dataset[lang + "Title"];
  }

  let root, tabs;
  function draw() {
    // A new fetcher makes GraphiQL read the schema again: not everybody may, and its words follow the language.
    const fetcher = GraphiQL.createFetcher({ url: endpoint.href, fetch: request, wsClient: live, enableIncrementalDelivery: false });
    root.render(React.createElement(GraphiQL, {
      fetcher,
      defaultTabs: tabs,
      storage: kept,
      defaultEditorToolsVisibility: "variables",
      isHeadersEditorEnabled: false, // one place for the token: above
      shouldPersistHeaders: false,
      showPersistHeadersSettings: false,
    }, React.createElement(GraphiQL.Logo, null, " ")));
  }

  function change(what) {
    Object.assign(asking, what);
    for (const [name, value] of Object.entries(asking)) {
      if (value) kept.setItem("linkage:" + name, value);
      else kept.removeItem("linkage:" + name);
    }
    $("token").value = asking.token;
    live.terminate(); // open subscriptions come back as who asks now
    translate();
    introduce();
    draw();
  }

  $("identity").addEventListener("submit", (e) => {
    e.preventDefault();
    change({ token: $("token").value.trim().replace(/^Bearer\s+/i, "") });
  });
  $("forget").addEventListener("click", () => change({ token: "" }));
  $("locale").addEventListener("change", () => change({ locale: $("locale").value }));

  (async function open() {
    translate();
    $("token").value = asking.token;
    tabs = (await (await fetch(document.body.dataset.queries)).json()).map((query) => ({ query }));
    root = ReactDOM.createRoot($("explorer"));
    introduce();
    draw();
  })();
})();
