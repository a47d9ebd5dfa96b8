import { ApiResponse, NoResponseReason, parseJson } from "./api-response.js";
import type { ReadBody } from "../core/contracts.js";
import type { Fetch, RequestInfo, SeamHooks } from "../core/options.js";
import type { CoreError } from "./core-error.js";
import { Timer } from "../core/time.js";

/**
 * The I/O of one call, on behalf of the wasm module: `fetch`, timers, abort. Whatever the caller's
 * `fetch` does, every promise here resolves when the attempt times out or the call is aborted, and
 * none rejects.
 */
export class FetchIo {
  /**
   * The error of the last attempt: of building the request, of the caller's `fetch`, or of reading
   * the body.
   */
  cause: unknown;
  /** The last response. */
  lastResponse: ApiResponse | undefined;
  /** Whether a request may have been sent. */
  isSent = false;
  /** Whether the call was aborted from outside. */
  isAborted = false;

  /** The core's result: nothing, or its error. */
  readonly completion: Promise<CoreError | undefined>;
  done!: () => void;
  fail!: (...coreError: CoreError) => void;

  readonly #requestTexts: Record<string, string | undefined>;
  readonly #fetch: Fetch | undefined;
  readonly #timeout: number;
  readonly #readBody: ReadBody | undefined;
  readonly #headers: Record<string, string>;
  readonly #hooks: SeamHooks | undefined;
  /** The current attempt, as hooks get it. */
  #info: RequestInfo | undefined;
  #controller: AbortController | undefined;
  readonly #timer = new Timer();
  /** Resolves the promise that is awaited now. */
  #settle: ((response: ApiResponse) => void) | undefined;

  constructor(
    texts: Record<string, string | undefined>,
    fetch: Fetch | undefined,
    timeout: number,
    read: ReadBody | undefined,
    headers: Record<string, string>,
    hooks: SeamHooks | undefined,
  ) {
    this.#requestTexts = texts;
    this.#fetch = fetch;
    this.#timeout = timeout;
    this.#readBody = read;
    this.#headers = headers;
    this.#hooks = hooks;
    // Only recorded here: the core is still running when it calls these.
    this.completion = new Promise((resolve) => {
      this.done = () => resolve(undefined);
      this.fail = (...coreError) => resolve(coreError);
    });
  }

  /** Returns a text of the request, such as the path. */
  text(name: string): string | undefined {
    return this.#requestTexts[name];
  }

  /** Monotonic time in milliseconds. */
  now(): number {
    return performance.now();
  }

  /**
   * Starts an attempt of at most `limit` milliseconds; its timer runs until the body has been read.
   * Returns what is the same for each request.
   */
  begin(limit: number): RequestInit {
    this.#controller = new AbortController();
    this.cause = undefined;
    if (this.isAborted) this.#controller.abort();
    else {
      this.#timer.start(Math.min(this.#timeout, limit), () => {
        this.#endAttempt(NoResponseReason.TimedOut);
      });
    }
    const { signal } = this.#controller;
    const { prototype } = Request;
    return {
      signal,
      redirect: "manual",
      // `Request` throws on options that it does not support: credentials and cache in workerd.
      ...("credentials" in prototype &&
        "cache" in prototype && { credentials: "omit", cache: "no-store" }),
    };
  }

  /**
   * Creates the request. If that fails, returns `undefined` and sets `cause`. A test environment
   * (jsdom) may have its own `AbortSignal` beside Node's `Request`, which does not accept it: then
   * the request has no signal, and the timer still ends the attempt.
   */
  request(url: string, init: RequestInit): Request | undefined {
    const { method = "" } = init;
    const attempt = (this.#info?.attempt ?? 0) + 1;
    const info = (this.#info = { method, url, attempt });
    const headers = init.headers as Headers;
    const add = (more: Record<string, string> | void): void => {
      for (const [name, value] of Object.entries(more ?? {}))
        if (!headers.has(name)) headers.set(name, value);
    };
    this.#callHook((hooks) => add(hooks.onRequest?.(info)));
    add(this.#headers);
    for (;;) {
      try {
        return new Request(url, init);
      } catch (cause) {
        this.cause = cause;
        if (!init.signal) return undefined;
        delete init.signal;
      }
    }
  }

  /**
   * Sends the request, complete in both arguments of `fetch`. npm's undici and node-fetch do not
   * know the platform's `Request` and take it for a URL: then its string form counts, and `init`
   * has the rest. A caller's `fetch` is called without `this`; the global one is looked up late, so
   * that a page may replace it.
   */
  fetch(request: Request, init: RequestInit): Promise<ApiResponse> {
    const fetch = this.#fetch;
    const { url } = request;
    // Not by assignment, which fails where `Object.prototype` is frozen.
    Object.defineProperty(request, "toString", { value: () => url });
    // A wrapper may spread the headers as if they were a plain object.
    const headers = init.headers as Headers;
    Object.assign(headers, Object.fromEntries(headers));
    const info = this.#info as RequestInfo;
    const sentAt = this.now();
    const settled = this.#untilSettled(async () => {
      this.isSent = true;
      const response = await (fetch
        ? fetch(request, init)
        : globalThis.fetch(request, init));
      if (!isResponse(response))
        return new ApiResponse(NoResponseReason.NotAResponse);
      const { headers, status } = response;
      // A redirect that a browser hides has the status 0, and a caller's own fetch may have
      // followed it.
      const redirected =
        response.redirected || response.type === "opaqueredirect";
      let body: unknown;
      if (this.#readBody && status === 200 && !redirected) {
        body = await this.#readBody(response);
      } else {
        const text: unknown = await response.text();
        if (typeof text !== "string")
          return new ApiResponse(NoResponseReason.NotAResponse);
        body = parseJson(text);
      }
      return new ApiResponse(
        redirected ? 300 : status,
        {
          "retry-after": headers.get("retry-after"),
          "seam-request-id": headers.get("seam-request-id"),
        },
        body,
      );
    });
    if (this.#hooks)
      void settled.then((response) => {
        const { status } = response;
        this.#callHook((hooks) =>
          hooks.onResponse?.({
            ...info,
            status: status < 0 ? undefined : status,
            requestId: response.text("seam-request-id"),
            durationMs: this.now() - sentAt,
          }),
        );
      });
    return settled;
  }

  wait(ms: number): Promise<ApiResponse> {
    const { url, attempt } = this.#info as RequestInfo;
    const { status = 0 } = this.lastResponse ?? {};
    // The pause before a poll of an action attempt follows a response that succeeded.
    if (status < 200 || status > 299)
      this.#callHook((hooks) => hooks.onRetry?.({ url, attempt, delayMs: ms }));
    return this.#untilSettled(
      () =>
        new Promise((resolve) => {
          this.#timer.start(ms, () => {
            resolve(new ApiResponse(NoResponseReason.Waited));
          });
        }),
    );
  }

  /** Aborts the call and its current request. */
  abort(reason?: unknown): void {
    this.isAborted = true;
    this.#endAttempt(NoResponseReason.Aborted, reason);
  }

  /** Stops the timer of a call that has ended. */
  close(): void {
    this.#timer.stop();
  }

  /** Calls a hook of the app, if there is one; an error that it throws is its own. */
  #callHook(call: (hooks: SeamHooks) => void): void {
    try {
      if (this.#hooks) call(this.#hooks);
    } catch {
      // It must not reach the module, which would trap.
    }
  }

  #endAttempt(why: NoResponseReason, reason?: unknown): void {
    this.#settle?.(new ApiResponse(why));
    this.#controller?.abort(reason);
  }

  /**
   * Resolves to the result of `start`, or to the reason why there is none. Catches whatever the
   * caller's code throws there.
   */
  #untilSettled(start: () => Promise<ApiResponse>): Promise<ApiResponse> {
    return new Promise((resolve) => {
      const settle = (response: ApiResponse, cause?: unknown): void => {
        if (this.#settle !== settle) return;
        this.#settle = undefined;
        this.close();
        this.cause = cause;
        this.lastResponse = response;
        resolve(response);
      };
      this.#settle = settle;
      if (this.isAborted)
        return settle(new ApiResponse(NoResponseReason.Aborted));
      start().then(settle, (error: unknown) => {
        settle(new ApiResponse(NoResponseReason.Failed), error);
      });
    });
  }
}

/** Not by `instanceof`: a response of another realm or library is accepted. */
function isResponse(value: Response): boolean {
  const status: unknown = value?.status;
  return (
    Number.isInteger(status) &&
    (status as number) >= 0 &&
    (status as number) < 1000 &&
    typeof value.text === "function" &&
    typeof value.headers?.get === "function"
  );
}
