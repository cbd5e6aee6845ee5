/** Items on a page, unless the caller wants another number; and the most that a caller may want. */
export const DEFAULT_PAGE = 15;
export const MAX_PAGE = 1000;

/**
 * Where a page lies in a list that is ordered downwards: the items below a key, or those from a key on upwards. Such a
 * key parts the list into what comes before and what comes after, whatever is written meanwhile. Keys are text.
 */
export type Position = { readonly below: string } | { readonly from: string };

/** What part of a list to read: the items nearest to its position. */
export interface Slice {
  readonly pageSize: number;
  /** Null: the top of the list. */
  readonly position: Position | null;
}

export interface Page<Item> {
  readonly pageSize: number;
  readonly data: readonly Item[];
  /** Null if nothing lies above. */
  readonly previous: Position | null;
  /** Null if nothing lies below. */
  readonly next: Position | null;
}

/** The page of an empty list. */
export const emptyPage = ({ pageSize }: Slice): Page<never> => ({
  pageSize,
  data: [],
  previous: null,
  next: null,
});

/** Reads up to `limit` items from `position` on, the nearest first. */
export type Read<Item> = (position: Position | null, limit: number) => Promise<Item[]>;

/** One page of a list. Also looks one item over each of its edges. */
export async function readPage<Item>(
  read: Read<Item>,
  { pageSize, position }: Slice,
  keyOf: (item: Item) => string,
): Promise<Page<Item>> {
  const items = await read(position, pageSize + 1);
  const beyond = items[pageSize];
  const data = items.slice(0, pageSize);
  const last = data.at(-1);
  if (position !== null && "from" in position) {
    const next = { below: position.from };
    return {
      pageSize,
      data: data.reverse(),
      previous: beyond === undefined ? null : { from: keyOf(beyond) },
      next: (await isEmpty(read, next)) ? null : next,
    };
  }
  const previous = position && { from: position.below };
  return {
    pageSize,
    data,
    previous: previous === null || (await isEmpty(read, previous)) ? null : previous,
    next: beyond === undefined || last === undefined ? null : { below: keyOf(last) },
  };
}

const isEmpty = async (read: Read<unknown>, position: Position): Promise<boolean> =>
  (await read(position, 1)).length === 0;
