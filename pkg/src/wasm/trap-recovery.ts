import type { ErrorFactory } from "../core/error-factory.js";

/** Makes a new instance, brings it to the state of the last one, and repeats the call. */
type Retry<T> = (restore: (fresh: T) => void) => unknown;

/**
 * The exports of an instance of a module. When one of them traps, its memory is in no state to go
 * on: then `onTrap` gives what the call gives, as by `retry` with a new instance. If it throws, so
 * does every later call.
 *
 * @throws {SeamWasmError} `client_crashed`, where `onTrap` throws or no new instance can be made.
 */
export function recoverFromTraps<T extends object>(
  errorFactory: ErrorFactory,
  make: () => T,
  onTrap: (reason: unknown, retry: Retry<T>) => unknown,
): T {
  let exports = make() as Record<string, (...args: unknown[]) => unknown>;
  let fatal: unknown;
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
    // A memory is another one in another instance.
    const get = (): unknown =>
      typeof exports[name] === "function" ? call : exports[name];
    Object.defineProperty(guard, name, { get });
  }
  return guard as T;
}
