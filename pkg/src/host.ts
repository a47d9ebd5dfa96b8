/** Timers take no longer time than this, in milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Why a promise of a host's did not end as it should; the boundary's numbers. */
const enum Ended {
  Failed,
  TimedOut,
  Aborted,
  NotAResponse,
}

/**
 * What the wasm module cannot do itself for one call: `fetch`, timers, abort.
 * Whatever the caller's `fetch` does, every promise here settles when the time
 * for a try is over or the call is aborted.
 */
export class Host {
  ended: Ended = Ended.Failed;
  /** What the caller's `fetch`, or reading the body, threw last. */
  cause: unknown;
  /** The body that was read last. */
  answer: ArrayBuffer | undefined;
  /** Whether a request may have left. */
  sent = false;

  readonly #fetch: (request: Request) => Promise<Response>;
  readonly #timeout: number;
  #controller: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #interrupt: (() => void) | undefined;

  constructor(fetch: (request: Request) => Promise<Response>, timeout: number) {
    this.#fetch = fetch;
    this.#timeout = timeout;
  }

  /** Whether `Request` knows cookies and caches here: workerd's throws on them. */
  get browser(): boolean {
    return "credentials" in Request.prototype && "cache" in Request.prototype;
  }

  /** Begins a try: its timer runs until the body is there. */
  begin(): AbortSignal {
    clearTimeout(this.#timer);
    this.#controller = new AbortController();
    if (this.ended === Ended.Aborted) this.#controller.abort();
    else {
      this.ended = Ended.Failed;
      this.#timer = setTimeout(
        () => this.#end(Ended.TimedOut),
        Math.min(this.#timeout, LONGEST_TIMER),
      );
    }
    return this.#controller.signal;
  }

  fetch(request: Request): Promise<Response> {
    return this.#until(async () => {
      const fetch = this.#fetch;
      this.sent = true;
      const response = await fetch(request);
      if (
        typeof response?.status !== "number" ||
        typeof response.arrayBuffer !== "function" ||
        typeof response.headers?.get !== "function"
      ) {
        this.ended = Ended.NotAResponse;
        throw undefined;
      }
      return response;
    });
  }

  async body(response: Response): Promise<ArrayBuffer> {
    this.answer = await this.#until(() => response.arrayBuffer());
    clearTimeout(this.#timer);
    return this.answer;
  }

  wait(ms: number): Promise<void> {
    return this.#until(
      () =>
        new Promise((resolve) => {
          clearTimeout(this.#timer);
          this.#timer = setTimeout(resolve, Math.min(ms, LONGEST_TIMER));
        }),
    );
  }

  /** Ends the call: what is under way is cancelled and rejects. */
  abort(reason: unknown): void {
    this.#end(Ended.Aborted, reason);
  }

  /** Stops the timer of a call that is over. */
  close(): void {
    clearTimeout(this.#timer);
  }

  #end(why: Ended, reason?: unknown): void {
    clearTimeout(this.#timer);
    this.ended = why;
    this.cause = undefined;
    this.#interrupt?.();
    this.#controller?.abort(reason);
  }

  #until<T>(start: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#interrupt = reject;
      if (this.ended === Ended.Aborted) return reject();
      const failed = (error: unknown): void => {
        if (this.ended === Ended.Failed) this.cause = error;
        reject();
      };
      try {
        start().then(resolve, failed);
      } catch (error) {
        failed(error);
      }
    });
  }
}
