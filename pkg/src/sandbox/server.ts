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
    response.writeHead(413, { connection: "close" }).end();
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
    if (size > MAX_BODY) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
