/** What is done while items pass. What these throw is thrown to the reader, and ends the items. */
export interface Steps<T, U> {
  /** Without it they pass as they are: then `U` is `T`. */
  readonly each?: (item: T) => U;
  /** After the last item. */
  readonly onEnd?: () => void;
  /** When the items fail. Without it that is thrown; if it returns, the items are over. */
  readonly onError?: (error: unknown) => void;
}

/**
 * `items`, with a step taken at each, at their end and at their failure. What a generator would do, at one promise for each
 * item instead of four: a stream goes through a dozen of these.
 */
export const iterating = <T, U = T>(
  items: AsyncIterable<T>,
  { each, onEnd, onError }: Steps<T, U>,
): AsyncIterable<U> => ({
  [Symbol.asyncIterator]() {
    const iterator = items[Symbol.asyncIterator]();
    const over: IteratorResult<U> = { done: true, value: undefined };
    let isOver = false;
    const pass = (result: IteratorResult<T>): IteratorResult<U> => {
      if (result.done) {
        isOver = true;
        onEnd?.();
        return over;
      }
      if (each === undefined) return result as IteratorResult<unknown> as IteratorResult<U>;
      try {
        return { done: false, value: each(result.value) };
      } catch (error) {
        isOver = true;
        iterator.return?.().catch(() => {});
        throw error;
      }
    };
    const fail = (error: unknown): IteratorResult<U> => {
      isOver = true;
      if (onError === undefined) throw error;
      onError(error);
      return over;
    };
    return {
      next: () => (isOver ? Promise.resolve(over) : iterator.next().then(pass, fail)),
      async return() {
        isOver = true;
        await iterator.return?.();
        return over;
      },
    };
  },
});
