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
 * When the items fail, what was begun is still yielded first.
 */
export async function* inOrder<Item, T>(
  items: AsyncIterable<Item>,
  begin: (item: Item) => Promise<Begun<T>>,
  { most, mostBytes }: Window,
): AsyncGenerator<T> {
  const underWay: Begun<T>[] = [];
  let bytes = 0;
  let isOver = false;
  let isLeft = false;
  let onRoom = () => {};
  let onNews = () => {};

  async function work(): Promise<void> {
    for await (const item of items) {
      if (isLeft) return;
      const begun = await begin(item);
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

  const working = work().finally(() => {
    isOver = true;
    onNews();
  });
  // Not unhandled either: it is thrown below, if anybody still reads then.
  working.catch(() => {});
  try {
    for (;;) {
      const [first] = underWay;
      if (first !== undefined) {
        yield await first.result;
        underWay.shift();
        bytes -= first.bytes;
        onRoom();
      } else if (isOver) break;
      else {
        await new Promise<void>((resolve) => {
          onNews = resolve;
        });
      }
    }
  } finally {
    isLeft = true;
    onRoom();
  }
  await working;
}
