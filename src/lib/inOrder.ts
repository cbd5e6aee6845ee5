/** Work that was begun. */
export interface Begun<T> {
  readonly result: Promise<T>;
  /** About how much memory it holds until its result is taken. */
  readonly bytes: number;
}

/** What may be under way, or wait to be taken, before the next item is asked for. */
export interface Window {
  readonly most: number;
  readonly mostBytes: number;
}

/**
 * Begins work on each of `items`, one after the other, and yields the results in that order while later work goes on.
 * When the items fail, what was begun is still yielded first. For a reader who asks for one at a time.
 */
export function inOrder<Item, T>(
  items: AsyncIterable<Item>,
  begin: (item: Item) => Begun<T> | Promise<Begun<T>>,
  { most, mostBytes }: Window,
): AsyncIterableIterator<T> {
  const over: IteratorResult<T> = { done: true, value: undefined };
  const underWay: Begun<T>[] = [];
  let bytes = 0;
  let isOver = false;
  let isLeft = false;
  /** The first of those under way was yielded, and makes room when the next is asked for. */
  let isTaken = false;
  let onRoom = () => {};
  let onNews = () => {};
  let working: Promise<void> | null = null;

  async function work(): Promise<void> {
    for await (const item of items) {
      if (isLeft) return;
      const started = begin(item);
      const begun = started instanceof Promise ? await started : started;
      // Not unhandled: it is thrown when its turn has come, if that ever comes.
      begun.result.catch(() => {});
      underWay.push(begun);
      bytes += begun.bytes;
      onNews();
      while ((underWay.length >= most || bytes >= mostBytes) && !isLeft) {
        await new Promise<void>((resolve) => {
          onRoom = resolve;
        });
      }
    }
  }

  function start(): Promise<void> {
    const started = work().finally(() => {
      isOver = true;
      onNews();
    });
    // Not unhandled either: it is thrown below, if anybody still reads then.
    started.catch(() => {});
    return started;
  }

  const leave = () => {
    isLeft = true;
    onRoom();
  };
  const take = (value: T): IteratorResult<T> => {
    isTaken = true;
    return { done: false, value };
  };
  const fail = (error: unknown): never => {
    leave();
    throw error;
  };

  /** Waits for news, which may be the end. */
  async function wait(): Promise<IteratorResult<T>> {
    await new Promise<void>((resolve) => {
      onNews = resolve;
    });
    return next();
  }

  async function end(): Promise<IteratorResult<T>> {
    leave();
    await working;
    return over;
  }

  function next(): Promise<IteratorResult<T>> {
    if (isLeft) return Promise.resolve(over);
    working ??= start();
    if (isTaken) {
      bytes -= underWay.shift()?.bytes ?? 0;
      isTaken = false;
      onRoom();
    }
    const [first] = underWay;
    if (first !== undefined) return first.result.then(take, fail);
    return isOver ? end() : wait();
  }

  return {
    next,
    async return() {
      leave();
      return over;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
