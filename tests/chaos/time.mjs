// Time that passes only when a run says so: both clocks, and the timers of everything in the
// process, so that hours take seconds and a run is the same each time.

/** So many turns of the real event loop let everything settle that needs no timer. */
const TURNS = 8;

export class VirtualTime {
  wall = Date.parse("2026-11-23T08:30:00Z");
  monotonic = 1_000;
  /** Is called after each step, when nothing moves any more. */
  onSettled = () => {};
  #timers = new Map();
  #lastId = 0;
  #real = {};

  /** Takes the place of the real time, and of the real randomness, until `uninstall`. */
  install(random) {
    const { setTimeout, clearTimeout, setImmediate } = globalThis;
    this.#real = { setTimeout, clearTimeout, setImmediate };
    this.#real.now = Date.now;
    this.#real.random = Math.random;
    globalThis.setTimeout = (run, ms = 0, ...args) => this.#add(run, ms, args);
    globalThis.clearTimeout = (timer) => this.#timers.delete(timer?.id);
    Date.now = () => this.wall;
    performance.now = () => this.monotonic;
    Math.random = () => random.next();
  }

  uninstall() {
    const { setTimeout, clearTimeout, now, random } = this.#real;
    Object.assign(globalThis, { setTimeout, clearTimeout });
    Date.now = now;
    Math.random = random;
    // The real one stands on the prototype.
    delete performance.now;
  }

  /** Both clocks and the timers go on. */
  async pass(ms) {
    const end = this.monotonic + ms;
    for (;;) {
      await this.settle();
      const timer = this.#nextDue(end);
      if (timer === undefined) break;
      this.#goOn(Math.max(0, timer.due - this.monotonic));
      this.#timers.delete(timer.id);
      timer.run(...timer.args);
    }
    this.#goOn(end - this.monotonic);
    await this.settle();
  }

  /** The clock on the wall is set, or the computer sleeps and the monotonic clock stands. */
  jumpWall(ms) {
    this.wall += ms;
  }

  /** The computer sleeps, and both clocks go on meanwhile; timers are late. */
  jumpBoth(ms) {
    this.#goOn(ms);
  }

  /** Lets everything happen that waits for no timer. */
  async settle() {
    for (let nth = 0; nth < TURNS; nth += 1) {
      await new Promise((resolve) => this.#real.setImmediate(resolve));
    }
    this.onSettled();
  }

  /** Rejects with the signal's reason when that comes first. */
  sleep(ms, signal) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        clearTimeout(timer);
        reject(signal.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      }, ms);
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  #goOn(ms) {
    this.monotonic += ms;
    this.wall += ms;
  }

  #add(run, ms, args) {
    const id = (this.#lastId += 1);
    const due = this.monotonic + Math.max(1, Number(ms) || 0);
    const timer = { id, due, run, args, ref: () => timer, unref: () => timer };
    this.#timers.set(id, timer);
    return timer;
  }

  #nextDue(end) {
    let next;
    for (const timer of this.#timers.values()) {
      if (timer.due <= end && (next === undefined || timer.due < next.due))
        next = timer;
    }
    return next;
  }
}
