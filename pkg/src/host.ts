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
  /** What the caller's `fetch`, or reading the body, threw in the last try. */
  cause: unknown;
  /** The body that was read last. */
  answer: ArrayBuffer | undefined;
  /** Whether a request may have left. */
  sent = false;

  readonly #fetch: (request: Request) => Promise<Response>;
  readonly #timeout: number;
  #controller: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Rejects the promise that is awaited now; an earlier one has no say any more. */
  #interrupt: (() => void) | undefined;

  constructor(fetch: (request: Request) => Promise<Response>, timeout: number) {
    this.#fetch = fetch;
    this.#timeout = timeout;
  }

  /** Whether `Request` knows cookies and caches here: workerd's throws on them. */
  get browser(): boolean {
    return "credentials" in Request.prototype && "cache" in Request.prototype;
  }

  /** Whether the call has ended from outside. */
  get aborted(): boolean {
    return this.ended === Ended.Aborted;
  }

  /** Begins a try of `limit` milliseconds at most: its timer runs until the body is there. */
  begin(limit: number): AbortSignal {
    clearTimeout(this.#timer);
    this.#controller = new AbortController();
    this.cause = undefined;
    if (this.aborted) this.#controller.abort();
    else {
      this.ended = Ended.Failed;
      this.#timer = setTimeout(
        () => this.#end(Ended.TimedOut),
        Math.min(this.#timeout, limit, LONGEST_TIMER),
      );
    }
    return this.#controller.signal;
  }

  fetch(request: Request): Promise<Response> {
    const fetch = this.#fetch;
    return this.#until(() => {
      this.sent = true;
      return fetch(request);
    }, isResponse);
  }

  async body(response: Response): Promise<ArrayBuffer> {
    this.answer = await this.#until(() => response.arrayBuffer(), isBuffer);
    clearTimeout(this.#timer);
    return this.answer;
  }

  wait(ms: number): Promise<void> {
    clearTimeout(this.#timer);
    return this.#until(
      () =>
        new Promise<void>((resolve) => {
          this.#timer = setTimeout(resolve, Math.min(ms, LONGEST_TIMER));
        }),
      () => true,
    );
  }

  /** Ends the call: what is under way is cancelled and rejects. */
  abort(reason?: unknown): void {
    this.#end(Ended.Aborted, reason);
  }

  /** Stops the timer of a call that is over. */
  close(): void {
    clearTimeout(this.#timer);
  }

  #end(why: Ended, reason?: unknown): void {
    clearTimeout(this.#timer);
    this.ended = why;
    this.#interrupt?.();
    this.#controller?.abort(reason);
  }

  /**
   * Gives what `start` gives, or rejects with nothing: `ended` and `cause` say
   * why. The caller's code runs in here: whatever it throws or gives is caught.
   */
  #until<T>(
    start: () => Promise<T>,
    isRight: (value: T) => boolean,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const interrupt = (): void => {
        this.#interrupt = undefined;
        reject();
      };
      const fail = (why: Ended, cause?: unknown): void => {
        if (this.#interrupt !== interrupt) return;
        this.ended = why;
        this.cause = cause;
        interrupt();
      };
      this.#interrupt = interrupt;
      if (this.aborted) return interrupt();
      (async () => start())().then(
        (value) => {
          try {
            if (isRight(value)) resolve(value);
            else fail(Ended.NotAResponse);
          } catch (error) {
            fail(Ended.Failed, error);
          }
        },
        (error: unknown) => fail(Ended.Failed, error),
      );
    });
  }
}

/** Not by `instanceof`: another realm's, or another library's, will do. */
function isResponse(value: Response): boolean {
  const status: unknown = value?.status;
  return (
    Number.isInteger(status) &&
    (status as number) >= 0 &&
    (status as number) <= 599 &&
    typeof value.arrayBuffer === "function" &&
    typeof value.headers?.get === "function"
  );
}

function isBuffer(value: ArrayBuffer): boolean {
  return Object.prototype.toString.call(value) === "[object ArrayBuffer]";
}
