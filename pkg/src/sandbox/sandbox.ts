import { type SandboxAnswer, toResponse } from "./answer.js";
import type { SandboxCoverage } from "./coverage.js";
import type { NewSandboxFault, SandboxFault } from "./faults.js";
import { hostClock } from "./host-clock.js";
import { compile, crashed, instantiate, type WasmSandbox } from "./wasm.js";

export type { SandboxAnswer, SandboxCut } from "./answer.js";
export type { SandboxCoverage, SandboxRouteCoverage } from "./coverage.js";
export type {
  NewSandboxFault,
  SandboxFault,
  SandboxFaultKind,
} from "./faults.js";

/** How a sandbox is set up. */
export interface SandboxOptions {
  /** So many devices of mixed kinds, in place of the eight by default. */
  devices?: number;
  /** A workspace of one's own; sandbox/SEED.md has its form. */
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
  /** The faults that are there from the beginning. */
  faults?: readonly NewSandboxFault[];
  /** False: a device may be locked, unlocked, ... as often as one likes. */
  rateLimits?: boolean;
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

/** The sandbox's clock. */
export interface SandboxClock {
  now: string;
  /** So far it runs ahead of the real time. */
  ahead_ms: number;
}

/** A client session, named by its id or its token. */
export type SandboxSessionName =
  { client_session_id: string } | { client_session_token: string };

/** A whole state: JSON, with keys and tokens in it. Its form may change. */
export type SandboxState = Record<string, unknown>;

/** Nothing answers there: a request that misses the sandbox's `fetch` goes nowhere. */
const ENDPOINT = "https://sandbox.invalid";
const STATE = "/_sandbox/state";

/**
 * A Seam workspace in memory, which enforces the scope of every client session.
 *
 * If its wasm module traps, which is a defect of this package, the workspace is
 * lost: the call and every later one throw or reject with a `SeamWasmError` of
 * code `sandbox_crashed`, until `restore`.
 */
export class Sandbox {
  readonly #module: WebAssembly.Module;
  /** What `restore` makes a new instance with. */
  readonly #options: string;
  readonly #now = hostClock();
  #wasm: WasmSandbox;
  /** Set once the instance has trapped: nothing may enter it any more. */
  #crash: { readonly trap: unknown } | undefined;
  #info: SandboxInfo;

  private constructor(module: WebAssembly.Module, options: string) {
    this.#module = module;
    this.#options = options;
    this.#wasm = instantiate(module, options, this.#now());
    this.#info = this.#readInfo();
  }

  /**
   * Makes a sandbox.
   *
   * @throws {Error} The seed is not a workspace, or a fault is none; the message says where.
   */
  static async create(options: SandboxOptions = {}): Promise<Sandbox> {
    const { devices, seed, outOfScope, endpoint = ENDPOINT } = options;
    const { randomSeed, faults, rateLimits } = options;
    const text = JSON.stringify({
      devices,
      seed,
      out_of_scope: outOfScope,
      endpoint,
      ...(randomSeed === undefined
        ? { random_seed: random(), key_seed: randomWords() }
        : { random_seed: randomSeed }),
      faults,
      rate_limits: rateLimits,
    });
    return new Sandbox(await compile(), text);
  }

  /** Addresses, keys and ids to begin with; after `restore`, those of that state. */
  get info(): SandboxInfo {
    return this.#info;
  }

  /**
   * Answers one request; `target` is its path and query, `headers` its headers'
   * names and values in turn. `reused` says that the connection has carried a
   * request before.
   */
  handle(
    method: string,
    target: string,
    headers: readonly string[],
    body: Uint8Array,
    reused = false,
  ): SandboxAnswer {
    const head = JSON.stringify(headers);
    const answer = this.#enter((wasm) => {
      const text = wasm.handle(method, target, head, body, reused, this.#now());
      const answer = JSON.parse(text) as SandboxAnswer;
      answer.body = wasm.body();
      return answer;
    });
    // With another state come other keys.
    if (answer.changed && answer.route === STATE) this.#info = this.#readInfo();
    return answer;
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
    const answer = this.handle(
      request.method,
      pathname + search,
      [...request.headers].flat(),
      bytes,
    );
    return toResponse(answer, request.signal);
  };

  /** The whole state, keys and tokens included. */
  state(): SandboxState {
    return this.#control("GET", "state")["state"] as SandboxState;
  }

  /**
   * Puts a state back: workspace, keys, clock, faults, all as it was. After a
   * crash it makes a new instance for it, and the sandbox works again.
   *
   * @throws {Error} It is no state of a sandbox; nothing has changed.
   */
  restore(state: SandboxState): void {
    const crash = this.#crash;
    if (crash === undefined)
      return void this.#control("POST", "state", { state });
    const info = this.#info;
    this.#wasm = instantiate(this.#module, this.#options, this.#now());
    this.#crash = undefined;
    try {
      this.#info = this.#readInfo();
      this.#control("POST", "state", { state });
    } catch (error) {
      this.#crash ??= crash;
      this.#info = info;
      throw error;
    }
  }

  /**
   * Adds a fault.
   *
   * @throws {Error} It is none; the message says what is wrong.
   */
  addFault(fault: NewSandboxFault): SandboxFault {
    return this.#control("POST", "faults", fault)["fault"] as SandboxFault;
  }

  /** The faults that are there, in the order in which they came. */
  faults(): SandboxFault[] {
    return this.#control("GET", "faults")["faults"] as SandboxFault[];
  }

  /** Takes away one fault, or all. */
  removeFaults(fault_id?: number): void {
    const one = fault_id === undefined ? {} : { fault_id };
    this.#control("DELETE", "faults", one);
  }

  /** What time it is in the sandbox. */
  clock(): SandboxClock {
    return this.#control("GET", "clock")["clock"] as SandboxClock;
  }

  /** Moves the clock forward. */
  advanceClock(advance_ms: number): SandboxClock {
    const moved = this.#control("POST", "clock", { advance_ms });
    return moved["clock"] as SandboxClock;
  }

  /** Lets a client session be at its end. */
  endSession(
    session: SandboxSessionName,
    how: "expired" | "revoked" = "expired",
  ): void {
    this.#control("POST", "end_session", { ...session, how });
  }

  /** Which of the session's routes were called by sessions since the start. */
  coverage(): SandboxCoverage {
    const { coverage } = this.#control("GET", "coverage");
    return coverage as SandboxCoverage;
  }

  /** Counts from zero. */
  resetCoverage(): void {
    this.#control("DELETE", "coverage");
  }

  #readInfo(): SandboxInfo {
    return this.#enter((wasm) => JSON.parse(wasm.info()) as SandboxInfo);
  }

  /** Every way into the instance, so that nothing enters it after a trap. */
  #enter<T>(run: (wasm: WasmSandbox) => T): T {
    if (this.#crash !== undefined) throw crashed("not_sent", this.#crash.trap);
    try {
      return run(this.#wasm);
    } catch (trap) {
      // An argument of the wrong type, which has not come in. A stack that was
      // used up is no RuntimeError, but breaks the instance as well.
      if (trap instanceof TypeError) throw trap;
      this.#crash = { trap };
      this.#wasm.__destroy_into_raw();
      throw crashed("unknown", trap);
    }
  }

  /** Asks one of the sandbox's own routes, with its API key. */
  #control(
    method: string,
    name: string,
    params?: object,
  ): Record<string, unknown> {
    const { status, body } = this.handle(
      method,
      `/_sandbox/${name}`,
      [
        "authorization",
        `Bearer ${this.#info.api_key}`,
        "content-type",
        "application/json",
      ],
      new TextEncoder().encode(
        params === undefined ? "" : JSON.stringify(params),
      ),
    );
    const answer = JSON.parse(new TextDecoder().decode(body)) as {
      error: { message: string };
    };
    if (status !== 200) throw new Error(answer.error.message);
    return answer as unknown as Record<string, unknown>;
  }
}

/** A random whole number below 2^53. */
function random(): number {
  const [high = 0, low = 0] = randomWords();
  return (high >>> 11) * 2 ** 32 + low;
}

/** 256 random bits. */
function randomWords(): number[] {
  return [...crypto.getRandomValues(new Uint32Array(8))];
}
