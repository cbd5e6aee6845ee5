/** What is done while items pass. What these throw is thrown to the reader, and ends the items. */
export interface Steps<T, U> {
  /** Without it they pass as they are: then `U` is `T`. */
  readonly each?: (item: T) => U;
  /** After the last item. */
  readonly onEnd?: () => void;
  /** When the items fail. Without it that is thrown; if it returns, the items are over. */
  readonly onError?: (error: unknown) => void;
}

/** Steps of any kind: which of them fit each other, `iterating` has seen to. */
type AnySteps = Steps<never, unknown>;

/** What iterates, and the steps at each of its items, the first ones first. */
interface Stepped {
  readonly items: AsyncIterable<unknown>;
  readonly steps: readonly AnySteps[];
}

const stepped = new WeakMap<object, Stepped>();

/**
 * `items`, with a step taken at each, at their end and at their failure. What a generator would do, at one promise for each
 * item instead of four; and at no more where steps follow one another: a stream goes through a dozen of these.
 */
export function iterating<T, U = T>(items: AsyncIterable<T>, own: Steps<T, U>): AsyncIterable<U> {
  const before = stepped.get(items) ?? { items, steps: [] };
  const all: Stepped = { items: before.items, steps: [...before.steps, own as AnySteps] };
  const iterable = { [Symbol.asyncIterator]: () => iterate(all) as AsyncIterator<U> };
  stepped.set(iterable, all);
  return iterable;
}

const OVER: IteratorResult<unknown> = { done: true, value: undefined };

function iterate({ items, steps }: Stepped): AsyncIterator<unknown> {
  const iterator = items[Symbol.asyncIterator]();
  let isOver = false;

  const pass = (result: IteratorResult<unknown>): IteratorResult<unknown> => {
    if (result.done) return end(0);
    let { value } = result;
    let at = 0;
    try {
      for (const { each } of steps) {
        at++;
        if (each !== undefined) value = each(value as never);
      }
    } catch (error) {
      iterator.return?.().catch(() => {});
      return fail(error, at);
    }
    return { done: false, value };
  };

  /** The items are over, as the steps from the `at`-th on see it. */
  function end(at: number): IteratorResult<unknown> {
    isOver = true;
    for (const [index, { onEnd }] of steps.slice(at).entries()) {
      try {
        onEnd?.();
      } catch (error) {
        return fail(error, at + index + 1);
      }
    }
    return OVER;
  }

  /** The items have failed, as the steps from the `at`-th on see it. */
  function fail(error: unknown, at: number): IteratorResult<unknown> {
    isOver = true;
    const index = steps.findIndex(({ onError }, index) => index >= at && onError !== undefined);
    if (index < 0) throw error;
    try {
      steps[index]?.onError?.(error);
    } catch (told) {
      return fail(told, index + 1);
    }
    return end(index + 1);
  }

  const failFirst = (error: unknown) => fail(error, 0);
  return {
    next: () => (isOver ? Promise.resolve(OVER) : iterator.next().then(pass, failFirst)),
    async return() {
      isOver = true;
      await iterator.return?.();
      return OVER;
    },
  };
}
