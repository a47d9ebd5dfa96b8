import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";

import { delay, Sandbox, type SandboxOptions } from "./sandbox.js";

/** No request of Seam's is larger. */
const MAX_BODY = 1_048_576;

const TOO_LARGE = {
  error: {
    type: "payload_too_large",
    message: `a request of Seam's is at most ${MAX_BODY} bytes`,
  },
  ok: false,
};

/** A sandbox that listens on loopback. */
export interface SandboxServer {
  readonly sandbox: Sandbox;
  /** Stops listening and ends every connection. */
  close(): Promise<void>;
}

/**
 * Serves a sandbox at `http://127.0.0.1:port`; port 0 takes a free one.
 *
 * @throws {Error} With `code` `EADDRINUSE` when the port is taken.
 */
export async function serveSandbox(
  port: number,
  options: SandboxOptions,
): Promise<SandboxServer> {
  let sandbox: Sandbox | undefined;
  const server = createServer((request, response) => {
    if (sandbox === undefined) return void response.writeHead(503).end();
    answer(sandbox, request, response).catch(() => response.destroy());
  });
  await listen(server, port);
  const { port: taken } = server.address() as AddressInfo;
  try {
    sandbox = await Sandbox.create({
      ...options,
      endpoint: `http://127.0.0.1:${taken}`,
    });
  } catch (error) {
    server.close();
    throw error;
  }
  return {
    sandbox,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve());
  });
}

async function answer(
  sandbox: Sandbox,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await read(request);
  if (body === undefined) {
    const { origin = "*" } = request.headers;
    response
      .writeHead(413, {
        "content-type": "application/json",
        "access-control-allow-origin": origin,
        "access-control-allow-credentials": "true",
        connection: "close",
      })
      .end(JSON.stringify(TOO_LARGE));
    return;
  }
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < request.rawHeaders.length; at += 2) {
    pairs.push([
      request.rawHeaders[at] ?? "",
      request.rawHeaders[at + 1] ?? "",
    ]);
  }
  const {
    status,
    headers,
    body: text,
    delay_ms,
  } = sandbox.handle(request.method ?? "", request.url ?? "/", pairs, body);
  await delay(delay_ms);
  response.writeHead(status, headers.flat()).end(text);
}

/** The body, or nothing when it is too large. */
async function read(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    // Beyond many times the limit nobody reads on: the loop's end closes the connection.
    if (size > 64 * MAX_BODY) return undefined;
    if (size <= MAX_BODY) chunks.push(chunk);
  }
  return size <= MAX_BODY ? Buffer.concat(chunks) : undefined;
}
