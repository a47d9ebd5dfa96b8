// How often an action reaches a server that breaks connections: what is measured, and how.
import { startBreaking } from "./breaking-server.mjs";

/** The number of connections that a browser opens to one host over HTTP/1.1. */
export const WARM = 6;

/**
 * What may change how often an action is sent: how the page passes the client's `Request` to `fetch`,
 * what was sent before, and what the server does.
 */
export const MEASURES = {
  "as the client sends it": {},
  "one connection kept alive": { warm: 1 },
  "nothing before it but its preflight": { warm: 0 },
  "keepalive: true": {
    fetch: (request) => fetch(request, { keepalive: true }),
  },
  "cache: reload": { fetch: (request) => fetch(request, { cache: "reload" }) },
  // Only Chromium has streams over HTTP/2; ESR 140 of Firefox has no `request.body`.
  "the body as a stream": {
    fetch: (request) =>
      fetch(new Request(request, { body: request.body, duplex: "half" })),
  },
  "the body as a Blob": {
    fetch: async (request) =>
      fetch(new Request(request, { body: await request.blob() })),
  },
  // Browsers use separate connections for requests with cookies.
  "with cookies": {
    fetch: (request) => fetch(request, { credentials: "include" }),
  },
  "with cookies, a second time": {
    fetch: (request) => fetch(request, { credentials: "include" }),
    first: 1,
  },
  "as PUT, which may be repeated": {
    fetch: async ({ url, headers, credentials }) =>
      fetch(url, { method: "PUT", headers, credentials, body: "{}" }),
  },
  // HTTP/2 has no such header.
  "the server closes after each answer": { closes: true, only: "h1" },
};

/**
 * Sends reads and then one action in an open page of `browser`. Returns how often the action was
 * delivered, over how many connections, how many were open before it, and how it ended.
 */
export async function measure(browser, { protocol, how, name }) {
  const { fetch, warm = WARM, first = 0, closes } = MEASURES[name];
  const server = await startBreaking({ protocol, how, warm, closes, first });
  try {
    const inPage = { endpoint: server.endpoint, fetch: fetch?.toString() };
    await browser.run(read, { ...inPage, count: warm });
    for (let nth = 0; nth < first; nth += 1) await browser.run(unlock, inPage);
    const open = server.open();
    const ended = await browser.run(unlock, inPage);
    const { deliveries } = server;
    return {
      deliveries: deliveries.length,
      connections: new Set(deliveries).size,
      open,
      ended,
    };
  } finally {
    server.close();
  }
}

async function read({ endpoint, count }) {
  const { Seam } = await import("/index.js");
  const seam = Seam.fromClientSessionToken("seam_cst1resend_resend", {
    endpoint,
    maxRetries: 0,
  });
  await Promise.all(Array.from({ length: count }, () => seam.devices.list()));
}

async function unlock({ endpoint, fetch }) {
  const { Seam } = await import("/index.js");
  const seam = Seam.fromClientSessionToken("seam_cst1resend_resend", {
    endpoint,
    ...(fetch && { fetch: (0, eval)(`(${fetch})`) }),
  });
  try {
    await seam.locks.unlockDoor({ device_id: "front" });
    return "answered";
  } catch ({ code, outcome }) {
    return `${code}, ${outcome}`;
  }
}
