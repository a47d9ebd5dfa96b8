import { invalidOptions } from "./error-factory.js";

/** How to wait for an action attempt: each in milliseconds. */
export interface WaitForActionAttempt {
  /** How long in all; 10 seconds if not given. */
  timeout?: number | undefined;
  /** The longest pause between two polls; 1 second if not given. */
  pollingInterval?: number | undefined;
}

/**
 * Gives a client session token, each time a fresh one. It is called when there is
 * none yet, ahead of the end of the last one, and when the server has refused that. To end the
 * session it gives `null` or throws a `SeamSignedOutError`: then it is not called again.
 */
export type ClientSessionTokenFunction = () =>
  string | null | PromiseLike<string | null>;

/**
 * What makes the requests in place of the global `fetch`. It gets all of a request in both
 * arguments, so it may pass on either; the `Request` has its URL as its string form.
 */
export type Fetch = (request: Request, init: RequestInit) => Promise<Response>;

/** What holds for every call of a client. */
export interface SeamOptions {
  /** For an app: one user's token, or a function that gives it and renews it. */
  clientSessionToken?: string | ClientSessionTokenFunction | undefined;
  /** For a back end: the workspace's key. In Node, `SEAM_API_KEY` serves too. */
  apiKey?: string | undefined;
  /** A developer's; needs `workspaceId`. In Node, `SEAM_PERSONAL_ACCESS_TOKEN` serves too. */
  personalAccessToken?: string | undefined;
  /** The workspace of a personal access token; in Node, `SEAM_WORKSPACE_ID` serves too. */
  workspaceId?: string | undefined;
  /**
   * The user identity that every token must belong to. Another user's token is rejected, and
   * nothing but `client_sessions/get` is sent before the server has said whose the token is.
   */
  userIdentityId?: string | undefined;
  /**
   * Where Seam answers: an https or loopback URL, or in a page a path such as `/api/seam`.
   * `https://connect.getseam.com` if not given, or `SEAM_ENDPOINT` in Node.
   */
  endpoint?: string | undefined;
  /** Called in place of the global `fetch`, without `this`. */
  fetch?: Fetch | undefined;
  /** The time for one try, in milliseconds; 30 seconds if not given. */
  timeout?: number | undefined;
  /** How often a request that may be sent again is, from 0 to 10; 2 if not given. */
  maxRetries?: number | undefined;
  /** Whether an action resolves only when its attempt has ended; true if not given. */
  waitForActionAttempt?: boolean | WaitForActionAttempt | undefined;
  /** Takes an API key in a browser, where everyone can read it. */
  dangerouslyAllowBrowser?: boolean | undefined;
}

/** Names the client's `since` that a call is made for: it is sent only as the user of then. */
export const USER_GENERATION: unique symbol = /* @__PURE__ */ Symbol() as never;

/** What holds for one call, which begins when it is awaited. */
export interface RequestOptions {
  /** Ends the call at once, rejecting with the signal's own reason. */
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
 * A copy of a client's options, each read once, and checked. A known option counts wherever its
 * author put it: on a prototype, behind an accessor, in a Proxy. Ignored, it would be made up for
 * by the environment, and one user's page would get the whole workspace. What somebody put on
 * `Object.prototype` counts for nothing.
 */
export function copyOptions(options: SeamOptions): SeamOptions {
  const is = Object.prototype.toString.call(options);
  if (is !== "[object Object]") {
    throw invalidOptions("options must be an object");
  }
  const given = Object.assign(Object.create(null) as SeamOptions, options);
  const root = Object.prototype as SeamOptions;
  for (const name of OPTION_NAMES) {
    if (name in given) continue;
    const value = options[name];
    if (value !== root[name] || (name in options && !(name in root))) {
      given[name] = value as never;
    }
  }
  checkSeamOptions(given);
  return given;
}

/** Refuses a client's options that are unknown, or not of the kind they are said to be. */
export function checkSeamOptions(options: SeamOptions): void {
  checkNames(options, OPTION_NAMES);
  const { endpoint, fetch, timeout, maxRetries } = options;
  if (endpoint !== undefined && typeof endpoint !== "string") {
    throw invalidOptions("endpoint must be a string");
  }
  for (const name of ["workspaceId", "userIdentityId"] as const) {
    const value: unknown = options[name];
    // A workspace that is null is none; a user that is null must not pass for any user.
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

/** Refuses a call's options that are unknown, or not of the kind they are said to be. */
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

/** Refuses what is no object, or has a member that is not `known`. */
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
