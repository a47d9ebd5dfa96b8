/**
 * Runs `task` again and again, `pause` milliseconds after it last ended, while
 * the page can be seen; a hidden page lets go of what is under way.
 */
export class Poll {
  readonly #task: (signal: AbortSignal) => Promise<void>;
  readonly #pause: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: AbortController | undefined;

  constructor(task: (signal: AbortSignal) => Promise<void>, pause: number) {
    this.#task = task;
    this.#pause = pause;
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.#rest();
      else this.now();
    });
  }

  /** Runs at once; what is under way starts over, for it may be out of date. */
  now(): void {
    this.#rest();
    if (!document.hidden) void this.#run();
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#running?.abort();
    this.#running = undefined;
  }

  async #run(): Promise<void> {
    const running = new AbortController();
    this.#running = running;
    try {
      await this.#task(running.signal);
    } finally {
      if (this.#running === running) {
        this.#running = undefined;
        this.#timer = setTimeout(() => void this.#run(), this.#pause);
      }
    }
  }
}
