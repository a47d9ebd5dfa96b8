// The upstream of the fetch scenario: a sandbox in this process, with devices for which it
// misbehaves. It records its requests in one form, for servers and for mocks.
import { once } from "node:events";
import { createServer } from "node:http";

import { Sandbox } from "./installed.mjs";

const id = (digit) => "n-n-n-n-n".replaceAll("n", `${digit}`.repeat(4));

/** Devices that the upstream does not answer for as an API should: how, and their ids. */
export const MISBEHAVING = {
  abortedBefore: ["never", id(1)],
  abortedDuring: ["never", id(2)],
  abortedReading: ["stalls", id(3)],
  timedOut: ["never", id(4)],
  timedOutReading: ["stalls", id(5)],
  dropped: ["drops", id(6)],
  droppedAction: ["drops", id(7)],
  redirected: ["redirects", id(8)],
  severed: ["severs", id(9)],
  retried: ["recovers", id("a")],
};

const HOW = new Map(Object.values(MISBEHAVING).map(([how, id]) => [id, how]));

/** Half of a body. */
export const HALF = '{"device":{"device_id":';

const JSON_TYPE = { "content-type": "application/json" };

/** What a transport adds by itself; all else is the client's. */
const OF_TRANSPORTS = new Set([
  "accept-encoding",
  "accept-language",
  "cache-control",
  "connection",
  "content-length",
  "host",
  "pragma",
  "sec-fetch-mode",
  "transfer-encoding",
  "user-agent",
]);

/**
 * Makes one. `respond(request)` takes `{ method, path, headers, body }` and resolves to
 * `{ never }`, `{ drops }`, or `{ status, headers, body, stalls, severs }`; `requests` are those it
 * took, each with `cancelled`, which a transport that notices it sets.
 */
export async function makeUpstream() {
  const sandbox = await Sandbox.create();
  const { info } = sandbox;
  const requests = [];
  const respond = async ({ method, path, headers, body }) => {
    const names = Object.keys(headers).map((name) => name.toLowerCase());
    const own = Object.fromEntries(
      names
        .filter((name) => !OF_TRANSPORTS.has(name))
        .sort()
        .map((name) => [name, new Headers(headers).get(name)]),
    );
    const request = { method, path, headers: own, body, cancelled: false };
    requests.push(request);
    const { device_id } = JSON.parse(body || "{}");
    const answers = {
      never: { never: true },
      drops: { drops: true },
      recovers:
        requests.filter((it) => it.body === body).length > 1
          ? { status: 200, headers: JSON_TYPE, body: `{"device":{}}` }
          : { status: 503, headers: { "retry-after": "0" }, body: "" },
      redirects: { status: 307, headers: { location: "/followed" }, body: "" },
      stalls: { status: 200, headers: JSON_TYPE, body: HALF, stalls: true },
      severs: { status: 200, headers: JSON_TYPE, body: HALF, severs: true },
    };
    const how = HOW.get(device_id);
    const response = answers[how] ?? (await fromSandbox(request));
    return { request, response };
  };
  const fromSandbox = async ({ method, path, headers, body }) => {
    // By the first poll the action attempt has ended.
    if (path === "/action_attempts/get") sandbox.advanceClock(60_000);
    const response = await sandbox.fetch(
      new Request(new URL(path, info.endpoint), { method, headers, body }),
    );
    return {
      status: response.status,
      headers: JSON_TYPE,
      body: await response.text(),
    };
  };
  return { info, requests, respond };
}

/** Serves the upstream on loopback for the running test. Gives its origin. */
export async function serveUpstream(t, upstream) {
  const server = createServer(async (incoming, outgoing) => {
    incoming.on("error", () => {});
    outgoing.on("error", () => {});
    const chunks = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { request, response } = await upstream.respond({
      method: incoming.method,
      path: incoming.url,
      headers: incoming.headers,
      body: Buffer.concat(chunks).toString(),
    });
    outgoing.on("close", () => {
      request.cancelled = !outgoing.writableEnded;
    });
    if (response.never) return;
    if (response.drops) return void incoming.socket.destroy();
    outgoing.writeHead(response.status, response.headers);
    const { stalls, severs } = response;
    if (stalls) return void outgoing.write(response.body);
    if (severs) {
      return void outgoing.write(response.body, () => outgoing.destroy());
    }
    outgoing.end(response.body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${server.address().port}`;
}
