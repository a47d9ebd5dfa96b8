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
        // One listener must not keep the abort from the others.
      }
    }
  };
  let it = shared.get(signal);
  if (!it) {
    shared.set(signal, (it = [listeners, onAbort]));
    signal.addEventListener("abort", onAbort);
  }
  it[0].add(listener);
  return () => {
    it[0].delete(listener);
    if (it[0].size > 0) return;
    signal.removeEventListener("abort", it[1]);
    shared.delete(signal);
  };
}
