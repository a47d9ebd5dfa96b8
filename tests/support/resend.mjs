// How often an action reaches a server that breaks connections: what is measured, and how.
import { startBreaking } from "./breaking-server.mjs";

/** As many connections as a browser keeps to one host over HTTP/1.1. */
export const WARM = 6;

/**
 * What may change how often an act is sent: what the page does with the `Request`
 * that the client hands to `fetch`, what went before, what the server does.
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
  // Browsers keep connections with cookies apart from those without.
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
  // HTTP/2 has no header for it.
  "the server closes after each answer": { closes: true, only: "h1" },
};

/**
 * Makes reads and then one act in a page of `browser` that has been opened. Gives
 * how often the act was delivered, over how many connections, how many were
 * open when it began, and how it ended.
 */
export async function measure(browser, { protocol, how, name }) {
  const { fetch, warm = WARM, first = 0, closes } = MEASURES[name];
  const server = await startBreaking({ protocol, how, warm, closes, first });
  try {
    const inPage = { endpoint: server.endpoint, fetch: fetch?.toString() };
    await browser.run(read, { ...inPage, count: warm });
    for (let nth = 0; nth < first; nth += 1) await browser.run(act, inPage);
    const open = server.open();
    const ended = await browser.run(act, inPage);
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

async function act({ endpoint, fetch }) {
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
