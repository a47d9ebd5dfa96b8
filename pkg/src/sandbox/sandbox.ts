import { makeSandbox, type WasmSandbox } from "./wasm.js";

/** How a sandbox is set up. */
export interface SandboxOptions {
  /** So many devices of mixed kinds, in place of the eight by default. */
  devices?: number;
  /** A workspace of one's own; README.md has its form. */
  seed?: object;
  /** What is outside a session's scope answers 404, as if it did not exist, or 401. */
  outOfScope?: 404 | 401;
  /** Where it says that it is; a server around it gives its own address. */
  endpoint?: string;
  /**
   * A whole number up to 2^53 - 1 from which all ids, keys and tokens are made.
   * Without it they are random, so that no page can guess them and no token of
   * another run is valid; a test that must know them gives it.
   */
  randomSeed?: number;
}

/**
 * What is needed to begin: the last two are a user who was granted one lock, or
 * the first session of a workspace of one's own, which may have no user.
 */
export interface SandboxInfo {
  endpoint: string;
  api_key: string;
  publishable_key: string;
  workspace_id: string;
  device_ids: string[];
  user_identity_id: string | null;
  client_session_token: string;
}

/** An answer of the sandbox, before it is a `Response`. */
export interface SandboxAnswer {
  status: number;
  headers: [string, string][];
  body: string;
  /** How long to wait before it is given, in milliseconds. */
  delay_ms: number;
}

/** Nothing answers there: a request that misses the sandbox's `fetch` goes nowhere. */
const ENDPOINT = "https://sandbox.invalid";

/** A Seam workspace in memory, which enforces the scope of every client session. */
export class Sandbox {
  readonly #wasm: WasmSandbox;

  /** Addresses, keys and ids to begin with. */
  readonly info: SandboxInfo;

  private constructor(wasm: WasmSandbox) {
    this.#wasm = wasm;
    this.info = JSON.parse(wasm.info()) as SandboxInfo;
  }

  /**
   * Makes a sandbox.
   *
   * @throws {Error} The seed is not a workspace; the message says where.
   */
  static async create(options: SandboxOptions = {}): Promise<Sandbox> {
    const { devices, seed, outOfScope, endpoint = ENDPOINT } = options;
    const { randomSeed = random() } = options;
    const text = JSON.stringify({
      devices,
      seed,
      out_of_scope: outOfScope,
      endpoint,
      random_seed: randomSeed,
    });
    return new Sandbox(await makeSandbox(text, Date.now()));
  }

  /** Answers one request; `target` is its path and query. */
  handle(
    method: string,
    target: string,
    headers: Iterable<readonly [string, string]>,
    body: Uint8Array,
  ): SandboxAnswer {
    const answer = this.#wasm.handle(
      method,
      target,
      JSON.stringify([...headers]),
      body,
      Date.now(),
    );
    return JSON.parse(answer) as SandboxAnswer;
  }

  /** Serves in place of the global `fetch`: no server, no network. */
  readonly fetch = async (
    input: string | URL | Request,
    init?: RequestInit,
  ): Promise<Response> => {
    const request = new Request(input, init);
    const { pathname, search } = new URL(request.url);
    // As the real one, it carries out nothing that was called off.
    request.signal.throwIfAborted();
    const bytes = new Uint8Array(await request.arrayBuffer());
    request.signal.throwIfAborted();
    const { status, headers, body, delay_ms } = this.handle(
      request.method,
      pathname + search,
      request.headers,
      bytes,
    );
    await delay(delay_ms, request.signal);
    return new Response(body === "" ? null : body, { status, headers });
  };
}

/** A random whole number below 2^53. */
function random(): number {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
  return (high >>> 11) * 2 ** 32 + low;
}

/** Waits, or rejects with the signal's reason. */
export function delay(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    if (ms <= 0) return resolve();
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
