import type { ErrorFactory } from "../core/error-factory.js";

/** Creates a new instance, restores its state, and repeats the call. */
type Retry<T> = (restore: (fresh: T) => void) => unknown;

/**
 * Returns the exports of an instance, guarded against traps, because a trap leaves the memory in an
 * undefined state. After a trap, the call returns the result of `onTrap`, which may be that of
 * `retry` with a new instance. If `onTrap` throws, so does every later call.
 *
 * @throws {SeamWasmError} `client_crashed`: `onTrap` has thrown, or no new instance can be created.
 */
export function recoverFromTraps<T extends object>(
  errorFactory: ErrorFactory,
  make: () => T,
  onTrap: (reason: unknown, retry: Retry<T>) => unknown,
): T {
  let exports = make() as Record<string, (...args: unknown[]) => unknown>;
  let fatal: Error | undefined;
  const guard: object = {};
  for (const name of Object.keys(exports)) {
    const call = (...args: unknown[]): unknown => {
      if (fatal) throw fatal;
      try {
        return exports[name]?.(...args);
      } catch (trap) {
        const reason = errorFactory.trapError(
          "not_sent",
          errorFactory.safeCause(trap),
        );
        try {
          return onTrap(reason, (restore) => {
            const fresh = make();
            restore(fresh);
            exports = fresh as typeof exports;
            return exports[name]?.(...args);
          });
        } catch {
          fatal = reason;
          throw reason;
        }
      }
    };
    // Read each time, because another instance has another memory.
    const get = (): unknown =>
      typeof exports[name] === "function" ? call : exports[name];
    Object.defineProperty(guard, name, { get });
  }
  return guard as T;
}
