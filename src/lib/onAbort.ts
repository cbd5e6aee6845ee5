const listeners = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `listener` when `signal` aborts; answers how to stop that. A signal has one listener of its own for all of them,
 * since it goes through all it has to add another, and a stream has a thousand.
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  const known = listeners.get(signal);
  const all = known ?? new Set();
  if (known === undefined) {
    listeners.set(signal, all);
    const tell = () => {
      for (const each of all) each();
    };
    signal.addEventListener("abort", tell, { once: true });
  }
  all.add(listener);
  return () => all.delete(listener);
}
