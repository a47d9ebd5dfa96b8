// A server on a bad network: it answers reads, and breaks the connection as soon as it has read an
// action. It counts how often the action arrived.
import { once } from "node:events";
import { createServer } from "node:http";
import { createSecureServer } from "node:http2";

import { selfSigned } from "./certificate.mjs";

/** HTTP/1.1, and HTTP/2 over TLS. */
export const protocols = ["h1", "h2"];

/** How long reads wait for each other at most, in milliseconds. */
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
 * Serves until `close()`. Lists are answered when `warm` of them are pending, so that over HTTP/1.1
 * each has its own connection, which is then kept alive; with `closes`, none is. The `first` actions
 * are answered; each one after them breaks its connection: "rst" resets it, "fin" closes it.
 *
 * `deliveries` has the number of the connection for each action that ended in this way.
 */
export async function startBreaking({ protocol, how, warm, closes, first }) {
  const sockets = new Map();
  const deliveries = [];
  let waiting = [];
  let actions = 0;

  const answer = async (request, response) => {
    const common = {
      "access-control-allow-origin": request.headers.origin ?? "*",
      "access-control-allow-credentials": "true",
      ...(closes && { connection: "close" }),
    };
    const respond = (body) =>
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
      waiting.push(() => respond(LIST));
      const all = () => waiting.splice(0).forEach((go) => go());
      if (waiting.length >= warm) all();
      // A browser may not open as many connections.
      else setTimeout(all, PATIENCE).unref();
    } else if ((actions += 1) <= first) {
      respond(ATTEMPT);
    } else {
      const { remotePort } = request.stream?.session?.socket ?? request.socket;
      const { raw, number } = sockets.get(remotePort);
      deliveries.push(number);
      if (how === "rst") raw.resetAndDestroy();
      else raw.destroy();
    }
  };
  const onRequest = (request, response) => {
    // A browser may cancel its requests.
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
    /** The number of open connections. */
    open: () =>
      [...sockets.values()].filter(({ raw }) => !raw.destroyed).length,
    close() {
      server.close();
      for (const { raw } of sockets.values()) raw.destroy();
    },
  };
}
