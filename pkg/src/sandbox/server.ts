import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo, Socket } from "node:net";

import { dropBody, hasBody, readBody, type ByteBudget } from "./body.js";
import {
  expectsContinue,
  refuse,
  refuseAndClose,
  unacceptable,
} from "./refuse.js";
import { sendResponse } from "./send-response.js";
import type { SandboxAnswer } from "./response.js";
import {
  BUSY,
  CRASHED,
  NOT_A_PROXY,
  rawResponse,
  STARTING,
  tooLarge,
  tooManyConnections,
  unreadable,
} from "./server-errors.js";
import { Sandbox, type SandboxOptions } from "./sandbox.js";
import { SeamWasmError } from "../core/errors.js";

/** No request to Seam's API is larger. */
const MAX_BODY = 1_048_576;
/** The only larger body is a state. */
const STATE = "/_sandbox/state";
const MAX_STATE = 268_435_456;
/** The limit for the bodies and responses of all connections together. */
const MAX_HELD = 2 * MAX_STATE;
const MAX_CONNECTIONS = 1_000;
/** Connections over the limit get an error, up to this number; Node closes any further one. */
const MAX_SOCKETS = 2 * MAX_CONNECTIONS;
/** How long a connection over the limit has for its request, in milliseconds. */
const OVER_LIMIT_MS = 1_000;
const ALWAYS_HELD_BYTES = 65_536;
/** How long pending responses have after a crash, in milliseconds. */
const DRAIN_MS = 1_000;

/** Limits of time and size for clients. */
const SERVER_LIMITS = {
  maxHeaderSize: 16_384,
  headersTimeout: 5_000,
  requestTimeout: 15_000,
  keepAliveTimeout: 30_000,
  connectionsCheckingInterval: 1_000,
  // Node's own response to a request without the header has no body.
  requireHostHeader: false,
};

/** The result of one request, without secrets. */
export interface ServedRequest {
  method: string;
  /** The path, if it is a route; never the query. */
  route: string | null;
  /** The status; `null` if the connection was dropped. */
  status: number | null;
  /** From the head of the request to the end of the response. */
  ms: number;
  caller: string;
}

/** Listeners of a server. */
export interface ServerListeners {
  onServed?: ((served: ServedRequest) => void) | undefined;
  /** The state may have changed. */
  onChange?: (() => void) | undefined;
  /**
   * The sandbox crashed. The server does not listen any more; pending requests get a 500, and then,
   * or after a second, `drained` resolves.
   */
  onCrash?:
    ((error: SeamWasmError, drained: Promise<void>) => void) | undefined;
}

/** A sandbox that listens on loopback. */
export interface SandboxServer {
  readonly sandbox: Sandbox;
  /** Stops listening and closes every connection. */
  close(): Promise<void>;
  /** Returns what `GET /_sandbox/state` returns and `POST` accepts; `undefined` after a crash. */
  state(): Uint8Array | undefined;
}

/**
 * Serves a sandbox at `http://127.0.0.1:port`; port 0 chooses a free one.
 *
 * @throws {Error} With `code` `EADDRINUSE` if the port is taken.
 */
export async function serveSandbox(
  port: number,
  options: SandboxOptions,
  listeners: ServerListeners = {},
): Promise<SandboxServer> {
  let front: RequestHandler | undefined;
  /** The last response on each connection. */
  const pending = new WeakMap<Socket, ServerResponse>();
  const onRequest = (
    request: IncomingMessage,
    response: ServerResponse,
  ): void => {
    pending.set(request.socket, response);
    const refused = overLimit.has(request.socket)
      ? tooManyConnections(MAX_CONNECTIONS)
      : unacceptable(request);
    if (refused !== undefined) refuseAndClose(response, refused, request);
    else if (front === undefined) refuseAndClose(response, STARTING, request);
    else void front.answer(request, response);
  };
  const server = createServer(SERVER_LIMITS, onRequest);
  // A listener decides when, and whether, the client is asked for the body.
  server.on("checkContinue", onRequest);
  server.on("checkExpectation", onRequest);
  const overLimit = limitConnections(server);
  server.on("clientError", onClientError(listeners, pending));
  server.on("connect", (_request, socket: Socket) => {
    socket.on("error", () => {});
    socket.end(rawResponse(NOT_A_PROXY));
  });
  await listen(server, port);
  const { port: taken } = server.address() as AddressInfo;
  let sandbox;
  try {
    sandbox = await Sandbox.create({
      ...options,
      endpoint: `http://127.0.0.1:${taken}`,
    });
  } catch (error) {
    server.close();
    throw error;
  }
  const close = (patience: number) =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      if (patience === 0) server.closeAllConnections();
      else setTimeout(() => server.closeAllConnections(), patience);
    });
  front = new RequestHandler(sandbox, listeners, () => close(DRAIN_MS));
  return {
    sandbox,
    state: () => front?.state(),
    close: () => close(0),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      // For example too many open files: new connections wait longer.
      server.on("error", () => {});
      resolve();
    });
  });
}

/** Returns the connections that are over the limit, while they are open. */
function limitConnections(server: Server): WeakSet<Socket> {
  const overLimit = new WeakSet<Socket>();
  let open = 0;
  server.maxConnections = MAX_SOCKETS;
  server.on("connection", (socket: Socket) => {
    open += 1;
    socket.once("close", () => (open -= 1));
    if (open <= MAX_CONNECTIONS) return;
    overLimit.add(socket);
    const timer = setTimeout(() => socket.destroy(), OVER_LIMIT_MS);
    socket.once("close", () => clearTimeout(timer));
  });
  return overLimit;
}

/** Passes Node's requests to the sandbox, and its responses back. */
class RequestHandler {
  readonly #sandbox: Sandbox;
  readonly #listeners: ServerListeners;
  readonly #budget = createBudget(MAX_HELD);
  /** The connections that have carried a request. */
  readonly #usedConnections = new WeakSet<Socket>();

  readonly #drainConnections: () => Promise<void>;
  #hasCrashed = false;

  constructor(
    sandbox: Sandbox,
    listeners: ServerListeners,
    drain: () => Promise<void>,
  ) {
    this.#sandbox = sandbox;
    this.#listeners = listeners;
    this.#drainConnections = drain;
  }

  state(): Uint8Array | undefined {
    const key = ["authorization", `Bearer ${this.#sandbox.info.api_key}`];
    try {
      return this.#sandbox.handle("GET", STATE, key, NO_BYTES).body;
    } catch (error) {
      if (!(error instanceof SeamWasmError)) throw error;
      this.#onCrash(error);
      return undefined;
    }
  }

  /** Responds, whatever the request is and whenever the client disconnects. */
  async answer(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const served = this.#observe(request, response);
    const probed = probe(request);
    if (probed !== undefined) {
      served.route = probed;
      return ready(response);
    }
    try {
      const body = await this.#readBody(request, response);
      if (body === undefined) return;
      const answer =
        body instanceof Uint8Array ? this.#handle(request, body) : body;
      served.route = answer.route;
      served.caller = answer.caller;
      if (answer.changed) this.#listeners.onChange?.();
      if (!this.#reserveResponse(answer.body.length, response))
        return refuseAndClose(response, BUSY, request);
      await sendResponse(answer, response);
    } catch (error) {
      if (!(error instanceof SeamWasmError)) return void response.destroy();
      refuseAndClose(response, CRASHED, request);
      this.#onCrash(error);
    }
  }

  #onCrash(error: SeamWasmError): void {
    if (this.#hasCrashed) return;
    this.#hasCrashed = true;
    this.#listeners.onCrash?.(error, this.#drainConnections());
  }

  /** Reserves bytes for a response until it has been sent; returns whether there were enough. */
  #reserveResponse(length: number, response: ServerResponse): boolean {
    // The limit of connections bounds responses of this size.
    if (length <= ALWAYS_HELD_BYTES) return true;
    if (!this.#budget.reserve(length)) return false;
    // A client that has disconnected by now has fired `close` already.
    if (response.closed) this.#budget.release(length);
    else response.once("close", () => this.#budget.release(length));
    return true;
  }

  /**
   * Returns the body, or the response if the headers decide it. Returns `undefined` if it has
   * refused the request.
   */
  async #readBody(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<Uint8Array | SandboxAnswer | undefined> {
    if (!hasBody(request)) return NO_BYTES;
    const { method = "", rawHeaders, headers } = request;
    const limit = pathOf(request) === STATE ? MAX_STATE : MAX_BODY;
    let decided: SandboxAnswer | undefined;
    let waits = expectsContinue(headers);
    const body = await readBody(request, {
      limit,
      isRefused: () => {
        const target = targetOf(request);
        decided = this.#sandbox.handleHead(method, target, rawHeaders);
        return decided !== undefined;
      },
      onRead: () => {
        if (waits) response.writeContinue();
        waits = false;
      },
      budget: this.#budget,
    });
    if (body instanceof Uint8Array) {
      this.#budget.release(body.length);
      return body;
    }
    // A client that was not asked for its body may send its next request instead.
    if (waits) response.setHeader("connection", "close");
    else dropBody(request);
    if (decided !== undefined) return decided;
    const refused = body === "too large" ? tooLarge(limit) : BUSY;
    refuse(response, refused, request);
    return undefined;
  }

  #handle(request: IncomingMessage, body: Uint8Array) {
    const { socket, method = "", rawHeaders } = request;
    const reused = this.#usedConnections.has(socket);
    this.#usedConnections.add(socket);
    return this.#sandbox.handle(
      method,
      targetOf(request),
      rawHeaders,
      body,
      reused,
    );
  }

  /** Reports the request when it has ended; the caller fills in what is not known yet. */
  #observe(
    { method = "" }: IncomingMessage,
    response: ServerResponse,
  ): { route: string | null; caller: string } {
    const served = { route: null as string | null, caller: "unknown caller" };
    const { onServed } = this.#listeners;
    if (onServed !== undefined) {
      const began = performance.now();
      response.once("close", () => {
        const status = response.writableFinished ? response.statusCode : null;
        const ms = performance.now() - began;
        onServed({ method, status, ms, ...served });
      });
    }
    return served;
  }
}

const NO_BYTES = new Uint8Array();

/** A proxy's request line also has the origin. */
function targetOf({ url = "/" }: IncomingMessage): string {
  return url.replace(/^https?:\/\/[^/?#]*/i, "");
}

function pathOf(request: IncomingMessage): string {
  const [path = ""] = targetOf(request).split(/[?#]/, 1);
  return path;
}

/**
 * The paths that `npx playwright test`, `wait-on` and containers request to see whether a server is
 * up.
 */
const PROBES = ["/", "/health"];

function probe(request: IncomingMessage): string | undefined {
  if (request.method !== "GET" && request.method !== "HEAD") return undefined;
  const path = pathOf(request);
  return PROBES.includes(path) ? path : undefined;
}

function ready(response: ServerResponse): void {
  const headers = { "content-type": "application/json" };
  response.writeHead(200, headers).end('{"ok":true}');
}

function createBudget(bytes: number): ByteBudget {
  let left = bytes;
  return {
    reserve(wanted) {
      if (wanted > left) return false;
      left -= wanted;
      return true;
    },
    release(back) {
      left += back;
    },
  };
}

/** Responds to requests that Node could not parse. */
function onClientError(
  { onServed }: ServerListeners,
  pending: WeakMap<Socket, ServerResponse>,
) {
  return (error: NodeJS.ErrnoException, socket: Socket): void => {
    if (error.code === "ECONNRESET" || !socket.writable)
      return void socket.destroy();
    const response = pending.get(socket);
    if (response?.req.complete && !response.writableFinished) {
      // The error is in what follows, and would look like the response to this request.
      response.once("finish", () => socket.destroySoon());
      // Otherwise what the client goes on to send would postpone the end of a stalled response.
      socket.pause();
      return;
    }
    const refused = unreadable(error.code);
    socket.end(rawResponse(refused), () => socket.destroy());
    onServed?.({
      method: "-",
      route: null,
      status: refused.status,
      ms: 0,
      caller: "unknown caller",
    });
  };
}
