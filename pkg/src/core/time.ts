/** The longest time that a timer can take, in milliseconds. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** The platform's own, if the package was loaded before a test replaced it. */
const realSetTimeout = globalThis.setTimeout;

/** How often a timer that was set under fake timers checks whether they are gone, in milliseconds. */
const FAKE_TIMER_CHECK_MS = 50;

type Id = { ref?(): void; unref?(): void } | undefined;
type Set = (run: () => void, ms: number) => Id;

/**
 * A timer that can be restarted and stopped. Under fake timers it follows the fake clock. When the
 * real timers are back it starts again with those, because nothing would advance the fake clock any
 * more.
 */
export class Timer {
  #id: Id;
  #run: (() => void) | undefined;
  /** Whether it was ever fake: what a test left behind keeps no process alive. */
  #wasFake = false;

  /**
   * Calls `run` once, after `ms` milliseconds; a timer that was started before is stopped. In Node,
   * an `idle` timer does not keep the process alive.
   */
  start(ms: number, run: () => void, idle = false): void {
    this.stop();
    const set = (by: unknown, run: () => void, ms: number): Id =>
      (by as Set)(run, ms);
    const end = (): void => {
      this.stop();
      run();
    };
    const check = (): void => {
      if (this.#run !== end) return;
      if (setTimeout === realSetTimeout) this.start(ms, run, idle);
      else watch();
    };
    // It never keeps a process alive, as the fake timer does not.
    const watch = (): void =>
      set(realSetTimeout, check, FAKE_TIMER_CHECK_MS)?.unref?.();
    this.#run = end;
    this.#id = set(setTimeout, end, Math.min(ms, MAX_TIMER_MS));
    if (setTimeout !== realSetTimeout) {
      this.#wasFake = true;
      watch();
    }
    if (idle || this.#wasFake) this.#id?.unref?.();
  }

  stop(): void {
    clearTimeout(this.#id as unknown as number);
    this.#run = undefined;
  }

  /** Keeps the process alive until the timer fires, in Node. */
  ref(): void {
    this.#id?.ref?.();
  }
}
