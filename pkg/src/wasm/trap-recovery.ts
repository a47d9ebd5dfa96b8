import type { Errors } from "../core/error-factory.js";

/** Makes a new instance, brings it to the state of the last one, and repeats the call. */
type Retry<T> = (restore: (fresh: T) => void) => unknown;

/**
 * The exports of an instance of a module. When one of them traps, its memory is in no state to go
 * on: then `onTrap` gives what the call gives, as by `retry` with a new instance. If it throws, so
 * does every later call.
 *
 * @throws {SeamWasmError} `client_crashed`, where `onTrap` throws or no new instance can be made.
 */
export function guarded<T extends object>(
  errors: Errors,
  make: () => T,
  onTrap: (reason: unknown, retry: Retry<T>) => unknown,
): T {
  let it = make() as Record<string, (...args: unknown[]) => unknown>;
  let broken: unknown;
  const guard: object = {};
  for (const name of Object.keys(it)) {
    const call = (...args: unknown[]): unknown => {
      if (broken) throw broken;
      try {
        return it[name]?.(...args);
      } catch (trap) {
        const reason = errors.crashed("not_sent", errors.safeCause(trap));
        try {
          return onTrap(reason, (restore) => {
            const fresh = make();
            restore(fresh);
            it = fresh as typeof it;
            return it[name]?.(...args);
          });
        } catch {
          broken = reason;
          throw reason;
        }
      }
    };
    // A memory is another one in another instance.
    const get = (): unknown =>
      typeof it[name] === "function" ? call : it[name];
    Object.defineProperty(guard, name, { get });
  }
  return guard as T;
}
