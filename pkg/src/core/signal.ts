const shared = new WeakMap<
  AbortSignal,
  [listeners: Set<() => void>, onAbort: () => void]
>();

/**
 * Calls `listener` when `signal` aborts, until the returned function is called. All listeners of a
 * signal share one event listener: Node 20 warns of a leak at the eleventh.
 */
export function onAborted(
  signal: AbortSignal,
  listener: () => void,
): () => void {
  const listeners = new Set<() => void>();
  const onAbort = (): void => {
    for (const each of [...listeners]) {
      try {
        each();
      } catch {
        // An error in one listener must not prevent the others from being called.
      }
    }
  };
  let entry = shared.get(signal);
  if (!entry) {
    shared.set(signal, (entry = [listeners, onAbort]));
    signal.addEventListener("abort", onAbort);
  }
  entry[0].add(listener);
  return () => {
    entry[0].delete(listener);
    if (entry[0].size > 0) return;
    signal.removeEventListener("abort", entry[1]);
    shared.delete(signal);
  };
}
