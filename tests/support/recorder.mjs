// A server on loopback that forwards each request to a sandbox and records the exchange: the same
// for clients in every language.
import { once } from "node:events";
import { createServer } from "node:http";

/** Headers that belong to one connection, or that the forwarding `fetch` sets itself. */
const OF_CONNECTION = ["connection", "content-length", "host", "keep-alive"];

/**
 * Records for the running test what is sent to `endpoint`. Returns the endpoint to use instead, and
 * the exchanges in the order in which they end: method, path, query, request headers, status, response
 * headers and response body as text.
 */
export async function record(t, endpoint) {
  const exchanges = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const headers = Object.entries(request.headers);
    const answer = await fetch(endpoint + request.url, {
      method: request.method,
      headers: headers.filter(([name]) => !OF_CONNECTION.includes(name)),
      body: chunks.length === 0 ? undefined : Buffer.concat(chunks),
    });
    const body = await answer.text();
    const { pathname, search } = new URL(request.url, endpoint);
    exchanges.push({
      method: request.method,
      path: pathname,
      query: search,
      sent: request.headers,
      status: answer.status,
      headers: answer.headers,
      body,
    });
    for (const [name, value] of answer.headers) {
      if (!OF_CONNECTION.includes(name)) response.setHeader(name, value);
    }
    response.writeHead(answer.status).end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { endpoint: `http://127.0.0.1:${server.address().port}`, exchanges };
}
