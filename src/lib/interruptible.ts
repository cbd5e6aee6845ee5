/**
 * `source`, until `signal` aborts: then its reason is thrown at once, whatever the source is waiting for. `onOver` is
 * called once, however it ends. Not a generator, whose promises, four for each item, streams would pay for.
 */
export const interruptible = <T>(
  source: AsyncIterable<T>,
  signal: AbortSignal,
  onOver = () => {},
): AsyncIterable<T> => ({
  [Symbol.asyncIterator]() {
    const iterator = source[Symbol.asyncIterator]();
    const over: IteratorResult<T> = { done: true, value: undefined };
    let isOver = false;
    /** Fails the item that is waited for. */
    let interrupt: ((reason: unknown) => void) | null = null;
    const onAbort = () => interrupt?.(signal.reason);
    signal.addEventListener("abort", onAbort);
    const end = () => {
      isOver = true;
      signal.removeEventListener("abort", onAbort);
      onOver();
    };
    const leave = () => {
      if (isOver) return;
      end();
      // Not awaited: a source that waits for its next item answers only after that.
      iterator.return?.().catch(() => {});
    };
    return {
      next: () =>
        new Promise((resolve, reject) => {
          if (isOver) return resolve(over);
          interrupt = (reason) => {
            leave();
            reject(reason);
          };
          if (signal.aborted) return interrupt(signal.reason);
          const settle = (result: IteratorResult<T>) => {
            interrupt = null;
            if (result.done) end();
            resolve(result);
          };
          const fail = (error: unknown) => {
            end();
            reject(error);
          };
          iterator.next().then(settle, fail);
        }),
      async return() {
        leave();
        return over;
      },
    };
  },
});
