// Every `fetch` that the scenario is played with. Each has `use(t, upstream)`, which gives the
// `endpoint` and the `fetch` option, if there is one; `cancels` says whether the upstream sees an
// abort.
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { Readable } from "node:stream";

import crossFetch from "cross-fetch";
import ky from "ky";
import { HttpResponse, http, passthrough } from "msw";
import { setupServer } from "msw/node";
import nock from "nock";
import nodeFetch from "node-fetch";
import nodeFetch2 from "node-fetch-2";
import * as undici from "undici";

import { serveUpstream } from "./upstream.mjs";

/** Somewhere that only a mock answers for. */
const MOCKED = "https://seam.test";

// It begins to mock when it is imported.
nock.restore();

const globalFetch = globalThis.fetch;

/** One whose requests go to a server of the upstream; `prepare(t)` gives the option, if any. */
const served =
  (prepare = () => undefined) =>
  async (t, upstream) => ({
    endpoint: await serveUpstream(t, upstream),
    fetch: await prepare(t),
  });

/** A wrapper around Node's own. */
const wrapped = (name, fetch, cancels = true) => ({
  name,
  use: served(() => fetch),
  cancels,
});

export const IMPLEMENTATIONS = [
  { name: "Node's own fetch", use: served(), cancels: true },
  {
    name: "undici's fetch of npm, given as it is",
    use: served(() => undici.fetch),
    cancels: true,
  },
  {
    name: "undici's fetch of npm with a ProxyAgent",
    use: served(async (t) => {
      const dispatcher = new undici.ProxyAgent(await startProxy(t));
      t.after(() => dispatcher.destroy());
      return (url, init) => undici.fetch(url, { ...init, dispatcher });
    }),
    cancels: true,
  },
  {
    name: "undici's fetch of npm with a MockAgent that lets all through",
    use: served((t) => {
      const dispatcher = new undici.MockAgent();
      dispatcher.enableNetConnect();
      t.after(() => dispatcher.close());
      return (url, init) => undici.fetch(url, { ...init, dispatcher });
    }),
    cancels: true,
  },
  {
    name: "Node's own fetch with a dispatcher of npm's undici",
    use: served((t) => {
      const dispatcher = new undici.Agent();
      t.after(() => dispatcher.destroy());
      return (request, init) => globalFetch(request, { ...init, dispatcher });
    }),
    cancels: true,
  },
  {
    name: "a ProxyAgent of npm's undici as the global dispatcher",
    use: served(async (t) => {
      const before = undici.getGlobalDispatcher();
      const dispatcher = new undici.ProxyAgent(await startProxy(t));
      undici.setGlobalDispatcher(dispatcher);
      t.after(async () => {
        undici.setGlobalDispatcher(before);
        await dispatcher.destroy();
      });
    }),
    cancels: true,
  },
  { name: "node-fetch 3", use: served(() => nodeFetch), cancels: true },
  { name: "node-fetch 2", use: served(() => nodeFetch2), cancels: true },
  { name: "cross-fetch", use: served(() => crossFetch), cancels: true },
  {
    name: "ky",
    use: served(() => ky.create({ throwHttpErrors: false, retry: 0 })),
    cancels: true,
  },
  wrapped("a wrapper that reads only the Request", (request) =>
    globalFetch(request),
  ),
  wrapped("a wrapper that reads only its second argument", (url, init) =>
    globalFetch(String(url), init),
  ),
  wrapped("a wrapper that takes the URL from the Request", ({ url }, init) =>
    globalFetch(url, init),
  ),
  wrapped("a wrapper that clones the Request", (request) =>
    globalFetch(request.clone()),
  ),
  wrapped("a wrapper that builds the Request anew", (request, init) =>
    globalFetch(new Request(request, init)),
  ),
  wrapped("a wrapper that reads the body first", async (request, init) => {
    await request.text();
    return globalFetch(request.url, init);
  }),
  wrapped("a wrapper that copies the headers", (request, init) =>
    globalFetch(request.url, { ...init, headers: new Headers(init.headers) }),
  ),
  wrapped("a wrapper that copies the Response", async (request, init) => {
    const response = await globalFetch(request, init);
    const { status, headers } = response;
    return new Response(response.body, { status, headers });
  }),
  wrapped("a wrapper that clones the Response", async (request, init) =>
    (await globalFetch(request, init)).clone(),
  ),
  wrapped("a wrapper that repeats a request", async (request, init) => {
    const response = await globalFetch(request, init);
    return response.status === 503 ? globalFetch(request, init) : response;
  }),
  wrapped(
    "a wrapper that replaces the signal",
    (request, init) =>
      globalFetch(request, { ...init, signal: new AbortController().signal }),
    false,
  ),
  wrapped("a wrapper that joins the signal with its own", (request, init) =>
    globalFetch(request, {
      ...init,
      signal: AbortSignal.any([init.signal, new AbortController().signal]),
    }),
  ),
  {
    name: "Mock Service Worker, which lets all through",
    use: served((t) => useMsw(t, http.all("*", passthrough))),
    cancels: true,
  },
  {
    name: "Mock Service Worker, whose handlers answer",
    use: async (t, upstream) => {
      const answer = ({ request }) => answerAsMsw(upstream, request);
      useMsw(t, http.all(`${MOCKED}/*`, answer));
      return { endpoint: MOCKED };
    },
    cancels: false,
  },
  {
    name: "nock",
    use: async (t, upstream) => {
      useNock(t, upstream);
      return { endpoint: MOCKED };
    },
    cancels: false,
  },
];

function useMsw(t, handler) {
  const server = setupServer(handler);
  server.listen({ onUnhandledRequest: "error" });
  t.after(() => server.close());
}

async function answerAsMsw(upstream, request) {
  const { response } = await upstream.respond({
    method: request.method,
    path: new URL(request.url).pathname,
    headers: Object.fromEntries(request.headers),
    body: await request.text(),
  });
  if (response.never) return new Promise(() => {});
  if (response.drops) return HttpResponse.error();
  const { status, headers, body, stalls, severs } = response;
  return new HttpResponse(stalls || severs ? halfStream(body, severs) : body, {
    status,
    headers,
  });
}

function halfStream(body, severs) {
  return new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode(body)),
    pull: (controller) => {
      if (severs) controller.error(new TypeError("terminated"));
    },
  });
}

function useNock(t, upstream) {
  nock.activate();
  t.after(() => {
    nock.cleanAll();
    nock.restore();
  });
  nock(MOCKED)
    .persist()
    .post(/.*/)
    .reply(async function (path, body) {
      const { response } = await upstream.respond({
        method: this.req.method,
        path,
        headers: this.req.headers,
        body: typeof body === "string" ? body : JSON.stringify(body),
      });
      if (response.never) return new Promise(() => {});
      // nock fails a request before its response, and in no other way.
      if (response.drops || response.severs) throw new Error("socket hang up");
      const { status, headers, body: text, stalls } = response;
      return [status, stalls ? halfReadable(text) : text, headers];
    });
}

function halfReadable(body) {
  const stream = new Readable({ read() {} });
  stream.push(body);
  return stream;
}

/** Starts a proxy on loopback for the running test. Gives its URL. */
async function startProxy(t) {
  const sockets = new Set();
  const proxy = createServer();
  proxy.on("connect", (request, socket, head) => {
    const [host, port] = request.url.split(":");
    const upstream = connect(Number(port), host, () => {
      socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
    });
    for (const [it, other] of [
      [socket, upstream],
      [upstream, socket],
    ]) {
      sockets.add(it);
      it.on("error", () => {});
      it.on("close", () => other.destroy());
    }
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  t.after(() => {
    sockets.forEach((socket) => socket.destroy());
    proxy.close();
  });
  return `http://127.0.0.1:${proxy.address().port}`;
}
