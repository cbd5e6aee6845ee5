/** `source`, until `signal` aborts: then its reason is thrown at once, whatever the source is waiting for. */
export async function* interruptible<T>(
  source: AsyncIterable<T>,
  signal: AbortSignal,
): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  let interrupt = (_reason: unknown) => {};
  const onAbort = () => interrupt(signal.reason);
  signal.addEventListener("abort", onAbort);
  try {
    for (;;) {
      const result = await new Promise<IteratorResult<T>>((resolve, reject) => {
        interrupt = reject;
        if (signal.aborted) reject(signal.reason);
        iterator.next().then(resolve, reject);
      });
      if (result.done) return;
      yield result.value;
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    // Not awaited: a source that waits for its next item answers only after that.
    iterator.return?.().catch(() => {});
  }
}
