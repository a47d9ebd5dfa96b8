import { invalidOptions } from "./error-factory.js";

/** How to wait for an action attempt; both in milliseconds. */
export interface WaitForActionAttempt {
  /** The total time. Default: 10,000. */
  timeout?: number | undefined;
  /** The longest pause between two polls. Default: 1,000. */
  pollingInterval?: number | undefined;
}

/**
 * Returns a fresh client session token. Called when there is no token yet, before the current one
 * expires, and when the server has refused it. To end the session, return `null` or throw a
 * `SeamSignedOutError`: then it is not called again.
 */
export type ClientSessionTokenFunction = () =>
  string | null | PromiseLike<string | null>;

/**
 * Replaces the global `fetch`. Both arguments have the complete request, so either may be passed
 * on; the string form of the `Request` is its URL.
 */
export type Fetch = (request: Request, init: RequestInit) => Promise<Response>;

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
  waitForActionAttempt?: boolean | WaitForActionAttempt | undefined;
  /** @internal */
  [USER_GENERATION]?: number;
}

const OPTION_NAMES = [
  "apiKey",
  "clientSessionToken",
  "dangerouslyAllowBrowser",
  "endpoint",
  "fetch",
  "maxRetries",
  "personalAccessToken",
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
  const { endpoint, fetch, timeout, maxRetries } = options;
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
  checkWait(options.waitForActionAttempt);
}

/** Throws if an option of a call is unknown or of the wrong type. */
export function checkRequestOptions(options: RequestOptions): void {
  checkNames(options, ["signal", "waitForActionAttempt"]);
  const { signal } = options;
  if (
    signal !== undefined &&
    (typeof signal?.aborted !== "boolean" ||
      typeof signal.removeEventListener !== "function")
  ) {
    throw invalidOptions("signal must be an AbortSignal");
  }
  checkWait(options.waitForActionAttempt);
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
