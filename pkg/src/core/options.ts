import { invalidOptions } from "./error-factory.js";

/** How to wait for an action attempt; both in milliseconds. */
export interface WaitForActionAttempt {
  /** The total time. Default: 10,000. */
  timeout?: number | undefined;
  /** The longest pause between two polls. Default: 1,000. */
  pollingInterval?: number | undefined;
}

/** What a token function is called with. */
export interface TokenRequest {
  /** Aborts when the token is no longer needed, for example because the client was closed. */
  readonly signal: AbortSignal;
  /** There is no token yet, the current one expires soon, or the server has rejected it. */
  readonly reason: "initial" | "expiring" | "rejected";
}

/**
 * Returns a fresh client session token. Called when there is no token yet, before the current one
 * expires, and when the server has rejected it. To end the session, return `null` or throw a
 * `SeamSignedOutError`: then it is not called again.
 */
export type ClientSessionTokenFunction = (
  request: TokenRequest,
) => string | null | PromiseLike<string | null>;

/**
 * Replaces the global `fetch`. Both arguments have the complete request, so either may be passed
 * on; the string form of the `Request` is its URL.
 */
export type Fetch = (request: Request, init: RequestInit) => Promise<Response>;

/** A request that is about to be sent. No hook gets a token or a body. */
export interface RequestInfo {
  readonly method: string;
  readonly url: string;
  /** 1 for the first request of a call; a retry, or a poll of its action attempt, is the next. */
  readonly attempt: number;
}

/** A response, or the failure to get one. */
export interface ResponseInfo extends RequestInfo {
  /** `undefined` if there was no response. */
  readonly status: number | undefined;
  /** Seam's id of the request, for its support. */
  readonly requestId: string | undefined;
  /** Milliseconds from the request to the end of the response. */
  readonly durationMs: number;
}

/** A request that failed and is sent again after a pause. */
export interface RetryInfo {
  readonly url: string;
  /** The number of the attempt that failed. */
  readonly attempt: number;
  /** Milliseconds until the next attempt. */
  readonly delayMs: number;
}

/** Functions for logging and tracing. An error that one throws is ignored. */
export interface SeamHooks {
  /** Called before each request. Headers that it returns are sent too. */
  onRequest?: (request: RequestInfo) => Record<string, string> | void;
  /** Called after each response. */
  onResponse?: (response: ResponseInfo) => void;
  /** Called before the pause that precedes a retry. */
  onRetry?: (retry: RetryInfo) => void;
}

/** Receives the client's messages; a level without a function is dropped. `console` is one. */
export interface Logger {
  debug?: (message: string) => void;
  info?: (message: string) => void;
  warn?: (message: string) => void;
  error?: (message: string) => void;
}

/** The options of a client. */
export interface SeamOptions {
  /** For an app: the token of one user, or a function that returns and refreshes it. */
  clientSessionToken?: string | ClientSessionTokenFunction | undefined;
  /** For a back end: the workspace's API key. In Node, `SEAM_API_KEY` by default. */
  apiKey?: string | undefined;
  /** For a developer; needs `workspaceId`. In Node, `SEAM_PERSONAL_ACCESS_TOKEN` by default. */
  personalAccessToken?: string | undefined;
  /** The workspace of a personal access token; in Node, `SEAM_WORKSPACE_ID` by default. */
  workspaceId?: string | undefined;
  /**
   * The user identity that every token must belong to. A token of another user is rejected, and
   * nothing but `client_sessions/get` is sent before the server has said whose the token is.
   */
  userIdentityId?: string | undefined;
  /**
   * The endpoint of the API: an https or loopback URL, or in a page a path such as `/api/seam`.
   * Default: `https://connect.getseam.com`, or `SEAM_ENDPOINT` in Node.
   */
  endpoint?: string | undefined;
  /** Used instead of the global `fetch`; called without `this`. */
  fetch?: Fetch | undefined;
  /** The timeout of one attempt, in milliseconds. Default: 30,000. */
  timeout?: number | undefined;
  /** How many times a request may be retried, from 0 to 10. Default: 2. */
  maxRetries?: number | undefined;
  /** Whether an action resolves only when its action attempt has ended. Default: true. */
  waitForActionAttempt?: boolean | WaitForActionAttempt | undefined;
  /** Aborts every call of the client; each rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Sent with every request. The client's own headers take precedence. */
  headers?: Record<string, string> | undefined;
  /** Called before and after each request. */
  hooks?: SeamHooks | undefined;
  /** Receives the client's messages. Default: warnings go to `console.warn`. */
  logger?: Logger | undefined;
  /**
   * Whether a write or action on a device that is not in the scope, once that is loaded, is sent
   * only after the server has said that the device is in scope. Default: false.
   */
  checkScope?: boolean | undefined;
  /** Allows an API key in a browser, where every visitor can read it. */
  dangerouslyAllowBrowser?: boolean | undefined;
}

/** The user generation that a call is made for: it is sent only while that is the current one. */
export const USER_GENERATION: unique symbol = /* @__PURE__ */ Symbol() as never;

/** The options of one call. It is sent when it is awaited. */
export interface RequestOptions {
  /** Aborts the call; it rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** As in {@link SeamOptions}, for this call. */
  timeout?: number | undefined;
  /** As in {@link SeamOptions}, for this call. */
  maxRetries?: number | undefined;
  /** Sent with the requests of this call, besides those of the client. */
  headers?: Record<string, string> | undefined;
  /** As in {@link SeamOptions}, for this call. */
  waitForActionAttempt?: boolean | WaitForActionAttempt | undefined;
  /** @internal */
  [USER_GENERATION]?: number;
}

const OPTION_NAMES = [
  "apiKey",
  "checkScope",
  "clientSessionToken",
  "dangerouslyAllowBrowser",
  "endpoint",
  "fetch",
  "headers",
  "hooks",
  "logger",
  "maxRetries",
  "personalAccessToken",
  "signal",
  "timeout",
  "userIdentityId",
  "waitForActionAttempt",
  "workspaceId",
] as const;

/**
 * Copies and checks a client's options, reading each once. A known option counts wherever it is
 * defined: on a prototype, behind an accessor, in a Proxy. If it were ignored, the environment
 * would replace it, and one user's page would get the whole workspace. Properties that were added
 * to `Object.prototype` do not count.
 */
export function copyOptions(options: SeamOptions): SeamOptions {
  const is = Object.prototype.toString.call(options);
  if (is !== "[object Object]") {
    throw invalidOptions("options must be an object");
  }
  const copy = Object.assign(Object.create(null) as SeamOptions, options);
  const root = Object.prototype as SeamOptions;
  for (const name of OPTION_NAMES) {
    if (name in copy) continue;
    const value = options[name];
    if (value !== root[name] || (name in options && !(name in root))) {
      copy[name] = value as never;
    }
  }
  checkSeamOptions(copy);
  return copy;
}

/** Throws if an option of a client is unknown or of the wrong type. */
export function checkSeamOptions(options: SeamOptions): void {
  checkNames(options, OPTION_NAMES);
  const { endpoint, fetch } = options;
  if (endpoint !== undefined && typeof endpoint !== "string") {
    throw invalidOptions("endpoint must be a string");
  }
  for (const name of ["workspaceId", "userIdentityId"] as const) {
    const value: unknown = options[name];
    // `workspaceId: null` means none; `userIdentityId: null` must not mean any user.
    const isNone = value === null && name === "workspaceId";
    if (value !== undefined && !isNone && typeof value !== "string") {
      throw invalidOptions(`${name} must be a string`);
    }
  }
  if (fetch !== undefined && typeof fetch !== "function") {
    throw invalidOptions("fetch must be a function");
  }
  for (const name of ["hooks", "logger"] as const) {
    if (options[name] !== undefined && Object(options[name]) !== options[name])
      throw invalidOptions(`${name} must be an object of functions`);
  }
  checkCommon(options);
}

/** Throws if an option that clients and calls share is of the wrong type. */
function checkCommon(options: SeamOptions | RequestOptions): void {
  const { timeout, maxRetries, headers, signal } = options;
  if (
    timeout !== undefined &&
    !(typeof timeout === "number" && Number(timeout) > 0)
  ) {
    throw invalidOptions("timeout must be a number of milliseconds above zero");
  }
  if (
    maxRetries !== undefined &&
    !(Number.isInteger(maxRetries) && maxRetries >= 0 && maxRetries <= 10)
  ) {
    throw invalidOptions("maxRetries must be a whole number from 0 to 10");
  }
  if (
    signal !== undefined &&
    (typeof signal?.aborted !== "boolean" ||
      typeof signal.removeEventListener !== "function")
  ) {
    throw invalidOptions("signal must be an AbortSignal");
  }
  try {
    if (headers !== undefined) new Headers(headers);
  } catch {
    throw invalidOptions("headers must be an object of valid headers");
  }
  checkWait(options.waitForActionAttempt);
}

/** Throws if an option of a call is unknown or of the wrong type. */
export function checkRequestOptions(options: RequestOptions): void {
  checkNames(options, [
    "headers",
    "maxRetries",
    "signal",
    "timeout",
    "waitForActionAttempt",
  ]);
  checkCommon(options);
}

/** Throws if the value is not an object, or has a member that is not `known`. */
export function checkNames(options: object, known: readonly string[]): void {
  if (typeof options !== "object" || options === null) {
    throw invalidOptions("options must be an object");
  }
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined && !known.includes(name)) {
      throw invalidOptions(`${name} is not an option: use ${known.join(", ")}`);
    }
  }
}

/** The core has the same rule for the numbers (src/action_attempt.rs). */
function checkWait(wait: boolean | WaitForActionAttempt | undefined): void {
  if (wait === undefined || typeof wait === "boolean") return;
  const { timeout = 0, pollingInterval = 1 } = Object(
    wait,
  ) as WaitForActionAttempt;
  if (
    wait !== Object(wait) ||
    typeof timeout !== "number" ||
    !(timeout >= 0) ||
    typeof pollingInterval !== "number" ||
    !(pollingInterval > 0)
  ) {
    throw invalidOptions(
      "waitForActionAttempt must be a boolean or { timeout, pollingInterval } in milliseconds",
    );
  }
  checkNames(wait, ["timeout", "pollingInterval"]);
}
