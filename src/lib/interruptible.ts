/**
 * `source`, until `signal` aborts: then the source is told to stop, and the reason is thrown at once, whatever that is waiting
 * for. `onOver` is called once, however it ends. Not a generator, whose promises, four for each item, streams would pay for.
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
    /** Nobody waited when the signal aborted: whoever asks next is told. */
    let isUntold = false;
    /** Whoever waits for the next item. */
    let reader: Reader<T> | null = null;
    const take = (): Reader<T> | null => {
      const taken = reader;
      reader = null;
      return taken;
    };
    const end = () => {
      isOver = true;
      signal.removeEventListener("abort", interrupt);
      onOver();
    };
    const leave = () => {
      if (isOver) return;
      end();
      // Not awaited: a source that waits for its next item answers only after that.
      iterator.return?.().catch(() => {});
    };
    const interrupt = () => {
      leave();
      isUntold = reader === null;
      take()?.reject(signal.reason);
    };
    const settle = (result: IteratorResult<T>) => {
      if (result.done && !isOver) end();
      take()?.resolve(result);
    };
    const fail = (error: unknown) => {
      if (!isOver) end();
      take()?.reject(error);
    };
    signal.addEventListener("abort", interrupt);
    return {
      next: () =>
        new Promise((resolve, reject) => {
          if (isUntold) {
            isUntold = false;
            return reject(signal.reason);
          }
          if (isOver) return resolve(over);
          reader = { resolve, reject };
          if (signal.aborted) interrupt();
          else iterator.next().then(settle, fail);
        }),
      async return() {
        leave();
        return over;
      },
    };
  },
});

interface Reader<T> {
  resolve(result: IteratorResult<T>): void;
  reject(reason: unknown): void;
}
