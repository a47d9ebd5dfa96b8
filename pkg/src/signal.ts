const shared = new WeakMap<
  AbortSignal,
  [listeners: Set<() => void>, onAbort: () => void]
>();

/**
 * Calls `listener` when `signal` aborts, until what it gives is called. All that wait for one
 * signal share one listener on it: Node 20 warns of a leak at the eleventh.
 */
export function onAborted(
  signal: AbortSignal,
  listener: () => void,
): () => void {
  let it = shared.get(signal);
  if (!it) {
    const listeners = new Set<() => void>();
    it = [
      listeners,
      () => {
        for (const each of [...listeners]) each();
      },
    ];
    shared.set(signal, it);
    signal.addEventListener("abort", it[1]);
  }
  const [listeners, onAbort] = it;
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    signal.removeEventListener("abort", onAbort);
    shared.delete(signal);
  };
}
