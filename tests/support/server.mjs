// An HTTP server on loopback whose responses a test defines.
import { createServer } from "node:http";
import { once } from "node:events";

/**
 * Serves `answer(request, response, body, nth)` for the running test. Returns the endpoint and the list
 * of requests, which grows as they arrive.
 */
export async function serve(t, answer) {
  const requests = [];
  const server = createServer(async (request, response) => {
    request.on("error", () => {});
    response.on("error", () => {});
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    requests.push({
      method: request.method,
      path: request.url,
      headers: request.headers,
      body,
    });
    answer(request, response, body, requests.length);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { endpoint: `http://127.0.0.1:${server.address().port}`, requests };
}

/** Sends a JSON response. */
export function json(response, status, body, headers = {}) {
  response
    .writeHead(status, { "content-type": "application/json", ...headers })
    .end(typeof body === "string" ? body : JSON.stringify(body));
}

/** Returns a port that nothing listens on. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
