/** Timers take no longer time than this, in milliseconds. */
export const LONGEST_TIMER = 2 ** 31 - 1;

export type Timer = ReturnType<typeof setTimeout>;

/** In Node, lets a process end that waits for nothing else. */
export function idle(timer: Timer | undefined): void {
  (timer as { unref?(): void } | undefined)?.unref?.();
}

/** In Node, keeps the process alive until somebody has his answer. */
export function keep(timer: Timer | undefined): void {
  (timer as { ref?(): void } | undefined)?.ref?.();
}
