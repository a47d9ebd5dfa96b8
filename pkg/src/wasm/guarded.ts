/** Makes a new instance, brings it to the state of the last one, and repeats the call. */
type Retry<T> = (restore: (fresh: T) => void) => unknown;

/**
 * The exports of an instance of a module. When one of them traps, its memory is in no state to go
 * on: `onTrap` throws, or gives what `retry` gives with a new instance.
 */
export function guarded<T extends object>(
  make: () => T,
  onTrap: (trap: unknown, retry: Retry<T>) => unknown,
): T {
  let it = make() as Record<string, (...args: unknown[]) => unknown>;
  const guard: object = {};
  for (const name of Object.keys(it)) {
    const call = (...args: unknown[]): unknown => {
      try {
        return it[name]?.(...args);
      } catch (trap) {
        return onTrap(trap, (restore) => {
          const fresh = make();
          it = fresh as typeof it;
          restore(fresh);
          return it[name]?.(...args);
        });
      }
    };
    // A memory is another one in another instance.
    const get = (): unknown =>
      typeof it[name] === "function" ? call : it[name];
    Object.defineProperty(guard, name, { get });
  }
  return guard as T;
}
