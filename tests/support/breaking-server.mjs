// A server on a bad network: it answers reads, and breaks the connection as soon as it has read an
// action. It counts how often the action arrived.
import { once } from "node:events";
import { createServer } from "node:http";
import { createSecureServer } from "node:http2";

import { selfSigned } from "./certificate.mjs";

/** HTTP/1.1, and HTTP/2 over TLS. */
export const protocols = ["h1", "h2"];

/** How long the reads wait for each other, in milliseconds. */
const PATIENCE = 5_000;

const LIST = { devices: [], ok: true };
const ATTEMPT = {
  action_attempt: {
    action_attempt_id: "1",
    action_type: "UNLOCK_DOOR",
    status: "success",
    result: {},
    error: null,
  },
  ok: true,
};

/**
 * Serves until `close()`. A list is answered when `warm` of them are waiting, so
 * that over HTTP/1.1 each has a connection of its own, which is then kept; with
 * `closes`, none is kept. The `first` acts are answered, each after them ends its
 * connection: "rst" throws it away, "fin" hangs up.
 *
 * `deliveries` has, for each time that an act came to its end in this way, the
 * number of the connection.
 */
export async function startBreaking({ protocol, how, warm, closes, first }) {
  const sockets = new Map();
  const deliveries = [];
  let waiting = [];
  let acts = 0;

  const answer = async (request, response) => {
    const common = {
      "access-control-allow-origin": request.headers.origin ?? "*",
      "access-control-allow-credentials": "true",
      ...(closes && { connection: "close" }),
    };
    const say = (body) =>
      response
        .writeHead(200, { ...common, "content-type": "application/json" })
        .end(JSON.stringify(body));
    if (request.method === "OPTIONS") {
      const asked = request.headers["access-control-request-headers"];
      response
        .writeHead(204, {
          ...common,
          "access-control-allow-methods": "POST, PUT",
          "access-control-allow-headers": asked,
          "access-control-max-age": "600",
        })
        .end();
      return;
    }
    for await (const _ of request);
    if (request.url === "/devices/list") {
      waiting.push(() => say(LIST));
      const all = () => waiting.splice(0).forEach((go) => go());
      if (waiting.length >= warm) all();
      // A browser may not open as many: better fewer than none.
      else setTimeout(all, PATIENCE).unref();
    } else if ((acts += 1) <= first) {
      say(ATTEMPT);
    } else {
      const { remotePort } = request.stream?.session?.socket ?? request.socket;
      const { raw, number } = sockets.get(remotePort);
      deliveries.push(number);
      if (how === "rst") raw.resetAndDestroy();
      else raw.destroy();
    }
  };
  const onRequest = (request, response) => {
    // A browser that lets go of a request is none of our business.
    request.on("error", () => {});
    response.on("error", () => {});
    answer(request, response).catch(() => {});
  };
  const server =
    protocol === "h2"
      ? createSecureServer(selfSigned(), onRequest)
      : createServer({ keepAliveTimeout: 60_000 }, onRequest);
  server.on("sessionError", () => {});
  let connections = 0;
  server.on("connection", (raw) => {
    sockets.set(raw.remotePort, { raw, number: (connections += 1) });
    raw.on("error", () => {});
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  const scheme = protocol === "h2" ? "https" : "http";
  return {
    endpoint: `${scheme}://127.0.0.1:${server.address().port}`,
    deliveries,
    /** How many connections are kept. */
    open: () =>
      [...sockets.values()].filter(({ raw }) => !raw.destroyed).length,
    close() {
      server.close();
      for (const { raw } of sockets.values()) raw.destroy();
    },
  };
}
