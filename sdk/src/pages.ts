import type { CallOptions } from "@connectrpc/connect";

/**
 * A list: `await` it for its first page, or go through all its items with `for await`, which asks for each further page
 * when the one before is used up.
 */
export type List<Page, Item> = Promise<Page> & AsyncIterable<Item>;

/** How to go through the pages of a list. */
interface Paging<Request, Page, Item> {
  items(page: Page): readonly Item[];
  /** What to ask for the page after `page`; null if it is the last one. */
  next(page: Page, request: Request): Request | null;
}

/** `call`, whose answers are pages, as a list. The options of the call hold for each page. */
export const inPages =
  <Request, Page, Item>(
    call: (request: Request, options?: CallOptions) => Promise<Page>,
    { items, next }: Paging<Request, Page, Item>,
  ) =>
  (request: Request, options?: CallOptions): List<Page, Item> => {
    const first = call(request, options);
    // A list whose turn comes later fails then; until then its failure must not end the process.
    first.catch(() => {});
    return Object.assign(first, {
      async *[Symbol.asyncIterator]() {
        let page = await first;
        for (;;) {
          yield* items(page);
          const following = next(page, request);
          if (following === null) return;
          page = await call(following, options);
        }
      },
    });
  };

/** An answer with a cursor, as most lists give it. */
interface CursorPage<Item> {
  readonly cursor?: { readonly data: Item[]; readonly next: string } | undefined;
}

/** `call` as a list by cursor; `place` keeps of a request what its path needs, all that may go with a cursor. */
export const byCursor = <Request, Page extends CursorPage<Item>, Item>(
  call: (request: Request, options?: CallOptions) => Promise<Page & CursorPage<Item>>,
  place: (request: Request) => object,
) =>
  inPages<Request, Page, Item>(call, {
    items: ({ cursor }) => cursor?.data ?? [],
    next: ({ cursor }, request) =>
      cursor?.next ? ({ ...place(request), cursor: cursor.next } as Request) : null,
  });
