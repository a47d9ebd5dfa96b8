import { requireGlobals } from "../core/globals.js";
import { invalidOptions } from "../core/error-factory.js";
import { type SandboxAnswer, toAnswer, toResponse } from "./response.js";
import {
  userParameter,
  type SandboxAppOptions,
  type SandboxBackEndOptions,
  type SandboxSessionOptions,
} from "./client-options.js";
import type { SandboxCoverage } from "./coverage.js";
import { inMilliseconds, type SandboxDuration } from "./duration.js";
import type { SandboxExplanation } from "./explanation.js";
import type { NewSandboxFault, SandboxFault } from "./faults.js";
import { crashed, refusal, toJson, type ErrorBody } from "./errors.js";
import { hostClock } from "./host-clock.js";
import { checkSandboxOptions, type SandboxOptions } from "./options.js";
import { Instances, type WasmSandbox } from "./instances.js";
import { randomInteger, randomWords } from "./random.js";
import { checkRequest, readBody, toRequest } from "./request.js";
import type {
  SandboxClock,
  SandboxInfo,
  SandboxSessionName,
  SandboxState,
} from "./values.js";
import type { SandboxCompletedWebview, SandboxLogin } from "./webview-login.js";

export type { SandboxAnswer, SandboxCut } from "./response.js";
export type { SandboxOptions } from "./options.js";
export type {
  SandboxAppOptions,
  SandboxBackEndOptions,
  SandboxSessionOptions,
} from "./client-options.js";
export type * from "./coverage.js";
export type * from "./explanation.js";
export type * from "./faults.js";
export type * from "./values.js";
export type * from "./webview-login.js";
export type { SandboxDuration } from "./duration.js";

/** No server has this address: a request that misses the sandbox's `fetch` goes nowhere. */
const ENDPOINT = "https://sandbox.invalid";
/** The routes after which the sandbox has other keys. */
const STATE = "/_sandbox/state";
const RESET = "/_sandbox/reset";
/** The globals that requests and responses need; jsdom lacks some. */
const GLOBALS = [
  "Request",
  "Response",
  "TextEncoder",
  "TextDecoder",
  "ReadableStream",
  "crypto",
];

/**
 * A Seam workspace in memory, which enforces the scope of every client session.
 *
 * If its wasm module traps, which is a defect of this package, the workspace is lost: the call and
 * every later one throw or reject with a `SeamWasmError` of code `sandbox_crashed`, until
 * `restore`.
 */
export class Sandbox {
  readonly #instances: Instances;
  /** The options with which `restore` creates a new instance. */
  readonly #options: string;
  readonly #now = hostClock();
  #wasm: WasmSandbox;
  /** Set once the instance has trapped: nothing may enter it any more. */
  #crash: { readonly trap: unknown } | undefined;
  #info: SandboxInfo;

  private constructor(instances: Instances, options: string) {
    this.#instances = instances;
    this.#options = options;
    this.#wasm = instances.make(options, this.#now());
    this.#info = this.#readInfo();
  }

  /**
   * Creates a sandbox.
   *
   * @throws {SeamHttpInvalidOptionsError} An option is unknown or of the wrong type, the seed is
   *   not a workspace, or a fault is invalid: the message says where. Or a global is missing.
   * @throws {SeamWasmError} There is no WebAssembly here, or a Content-Security-Policy forbids it.
   */
  static async create(options: SandboxOptions = {}): Promise<Sandbox> {
    checkSandboxOptions(options);
    requireGlobals(...GLOBALS);
    const { devices, seed, outOfScope, endpoint = ENDPOINT } = options;
    const { randomSeed, faults, rateLimits, attemptMs } = options;
    const given = {
      devices,
      seed,
      out_of_scope: outOfScope,
      endpoint,
      ...(randomSeed === undefined
        ? { random_seed: randomInteger(), key_seed: randomWords() }
        : { random_seed: randomSeed }),
      faults,
      rate_limits: rateLimits,
      attempt_ms: attemptMs,
    };
    let text: string;
    try {
      text = JSON.stringify(given);
    } catch (error) {
      throw invalidOptions(
        `seed and faults must be writable as JSON: ${String(error)}`,
      );
    }
    return new Sandbox(await Instances.load(), text);
  }

  /**
   * @internal Tells Vue not to proxy this object: through a proxy its private members are not
   *   accessible.
   */
  get __v_skip(): true {
    return true;
  }

  /** The addresses, keys and ids to start with; after `restore`, those of that state. */
  get info(): SandboxInfo {
    return this.#info;
  }

  /**
   * Handles one request; `target` is its path and query, `headers` has alternating names and
   * values. `reused` says that the connection has carried a request before.
   *
   * @throws {TypeError} An argument is of the wrong type; with `code` and `outcome`.
   */
  handle(
    method: string,
    target: string,
    headers: readonly string[],
    body: Uint8Array,
    reused = false,
  ): SandboxAnswer {
    checkRequest(method, target, headers, body);
    const head = JSON.stringify(headers);
    const answer = this.#run((wasm) =>
      toAnswer(
        wasm,
        wasm.handle(method, target, head, body, reused, this.#now()),
      ),
    );
    if (answer.changed && (answer.route === STATE || answer.route === RESET))
      this.#info = this.#readInfo();
    return answer;
  }

  /** @internal Returns the response if the body, which has not been read, cannot change it. */
  handleHead(
    method: string,
    target: string,
    headers: readonly string[],
  ): SandboxAnswer | undefined {
    const head = JSON.stringify(headers);
    return this.#run((wasm) => {
      const text = wasm.handleHead(method, target, head, this.#now());
      return text === undefined ? undefined : toAnswer(wasm, text);
    });
  }

  /**
   * Replaces the global `fetch`: no server, no network.
   *
   * @throws {TypeError} The request is invalid, its body cannot be read, or a fault dropped the
   *   connection; with `code` and `outcome`.
   */
  readonly fetch = async (
    input: string | URL | Request,
    init?: RequestInit,
  ): Promise<Response> => {
    const request = toRequest(input, init);
    const { pathname, search } = new URL(request.url);
    // Like the real `fetch`, it does not carry out an aborted request.
    request.signal.throwIfAborted();
    const bytes = await readBody(request);
    request.signal.throwIfAborted();
    const answer = this.handle(
      request.method,
      pathname + search,
      [...request.headers].flat(),
      bytes,
    );
    return toResponse(answer, request.signal);
  };

  /** Returns the options of a client for the back end: `new Seam(sandbox.backEnd())`. */
  backEnd(): SandboxBackEndOptions {
    const { api_key: apiKey, endpoint } = this.#info;
    return { apiKey, endpoint, fetch: this.fetch };
  }

  /**
   * Returns the options of a user's client, `new Seam(sandbox.app("jane"))`, with the token of the
   * user's session, which is opened if there is none. `user` is a user identity's key or id; the
   * default is the session of `info`.
   *
   * @throws {SeamHttpApiError} There is no such user identity; the message lists the keys.
   */
  app(user?: string, session: SandboxSessionOptions = {}): SandboxAppOptions {
    const { endpoint } = this.#info;
    let { client_session_token: clientSessionToken } = this.#info;
    if (user !== undefined) {
      const opened = this.#callOwnRoute("POST", "open_session", {
        ...userParameter(user),
        expires_in_ms: session.expiresInMs,
      });
      ({ token: clientSessionToken } = opened["client_session"] as {
        token: string;
      });
    }
    return { clientSessionToken, endpoint, fetch: this.fetch };
  }

  /** Returns the complete state, including keys and tokens. */
  state(): SandboxState {
    return this.#callOwnRoute("GET", "state")["state"] as SandboxState;
  }

  /**
   * Restores a state: workspace, keys, clock and faults. After a crash it creates a new instance,
   * and the sandbox works again.
   *
   * @throws {SeamHttpApiError} It is not a state of a sandbox; nothing has changed.
   */
  restore(state: SandboxState): void {
    const crash = this.#crash;
    if (crash === undefined)
      return void this.#callOwnRoute("POST", "state", { state });
    const info = this.#info;
    try {
      this.#renew();
      this.#callOwnRoute("POST", "state", { state });
    } catch (error) {
      this.#crash ??= crash;
      this.#info = info;
      throw error;
    }
  }

  /**
   * Makes everything what it was when the sandbox was created: workspace, keys, faults and clock.
   * After a crash, the sandbox works again. Coverage is kept.
   */
  reset(): void {
    if (this.#crash === undefined) this.#callOwnRoute("POST", "reset");
    else this.#renew();
  }

  /** Replaces the instance. */
  #renew(): void {
    this.#wasm = this.#instances.make(this.#options, this.#now());
    this.#crash = undefined;
    this.#info = this.#readInfo();
  }

  /**
   * Adds a fault.
   *
   * @throws {SeamHttpInvalidInputError} The fault is invalid; the message says why.
   */
  addFault(fault: NewSandboxFault): SandboxFault {
    return this.#callOwnRoute("POST", "faults", fault)["fault"] as SandboxFault;
  }

  /** Returns the faults in the order in which they were added. */
  faults(): SandboxFault[] {
    return this.#callOwnRoute("GET", "faults")["faults"] as SandboxFault[];
  }

  /** Removes one fault, or all. */
  removeFaults(fault_id?: number): void {
    const one = fault_id === undefined ? {} : { fault_id };
    this.#callOwnRoute("DELETE", "faults", one);
  }

  /** Returns the sandbox's time. */
  clock(): SandboxClock {
    return this.#callOwnRoute("GET", "clock")["clock"] as SandboxClock;
  }

  /** Returns the sandbox's time, for example to compute an `expires_at`. */
  now(): Date {
    return new Date(this.clock().now);
  }

  /**
   * Advances the clock, by milliseconds or a duration such as `{ hours: 2 }`.
   *
   * @throws {TypeError} The duration has a part with another name, or one that is not a number.
   * @throws {SeamHttpInvalidInputError} It is negative or not whole milliseconds.
   */
  advanceClock(by: number | SandboxDuration): SandboxClock {
    const advance_ms = inMilliseconds(by);
    const moved = this.#callOwnRoute("POST", "clock", { advance_ms });
    return moved["clock"] as SandboxClock;
  }

  /**
   * Advances the clock to this time.
   *
   * @throws {SeamHttpInvalidInputError} It is earlier than the sandbox's time.
   */
  advanceClockTo(time: Date | string): SandboxClock {
    const moved = this.#callOwnRoute("POST", "clock", { to: time });
    return moved["clock"] as SandboxClock;
  }

  /** Ends a client session. */
  endSession(
    session: SandboxSessionName,
    how: "expired" | "revoked" = "expired",
  ): void {
    this.#callOwnRoute("POST", "end_session", { ...session, how });
  }

  /** Returns through which grants a client session sees a device, or why it does not. */
  explain(session: SandboxSessionName, device_id: string): SandboxExplanation {
    const explained = this.#callOwnRoute("POST", "explain", {
      ...session,
      device_id,
    });
    const { visible, because, reason } =
      explained as unknown as SandboxExplanation;
    return { device_id, visible, because, reason };
  }

  /**
   * Completes a connect webview as a user does who logs in.
   *
   * @throws {SeamHttpApiError} There is no such webview, it is completed already, or it does not
   *   accept the provider.
   */
  completeConnectWebview(
    connect_webview_id: string,
    login: SandboxLogin = {},
  ): SandboxCompletedWebview {
    const { connect_webview, connected_account } = this.#callOwnRoute(
      "POST",
      "complete_connect_webview",
      { connect_webview_id, ...login },
    ) as unknown as SandboxCompletedWebview;
    return { connect_webview, connected_account };
  }

  /** Returns which of the routes that sessions may call were called by sessions since the start. */
  coverage(): SandboxCoverage {
    const { coverage } = this.#callOwnRoute("GET", "coverage");
    return coverage as SandboxCoverage;
  }

  /** Resets the counts to zero. */
  resetCoverage(): void {
    this.#callOwnRoute("DELETE", "coverage");
  }

  #readInfo(): SandboxInfo {
    return this.#run((wasm) => JSON.parse(wasm.info()) as SandboxInfo);
  }

  /**
   * Runs a function on the instance. Every entry goes through here, so that nothing enters after a
   * trap.
   */
  #run<T>(run: (wasm: WasmSandbox) => T): T {
    if (this.#crash !== undefined) throw crashed("not_sent", this.#crash.trap);
    try {
      return run(this.#wasm);
    } catch (trap) {
      // A stack overflow is not a RuntimeError, but breaks the instance as well.
      this.#crash = { trap };
      this.#wasm.__destroy_into_raw();
      throw crashed("unknown", trap);
    }
  }

  /** Calls one of the sandbox's own routes, with its API key. */
  #callOwnRoute(
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
      new TextEncoder().encode(params === undefined ? "" : toJson(params)),
    );
    const answer = JSON.parse(new TextDecoder().decode(body)) as {
      error: ErrorBody;
    };
    if (status !== 200) throw refusal(status, answer.error);
    return answer as unknown as Record<string, unknown>;
  }
}
