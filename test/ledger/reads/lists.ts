import type { LedgerClient } from "../client.js";

/** What the fields of a list's request are set to; `ledger` is "main". */
export type Query = Readonly<Record<string, unknown>>;

/** One page of a list, its items by their keys. */
export interface Listed {
  readonly keys: readonly string[];
  readonly previous: string;
  readonly next: string;
  readonly pageSize: number;
  readonly hasMore: boolean;
}

export type List = (client: LedgerClient, query?: Query) => Promise<Listed>;

interface Cursor<Item> extends Omit<Listed, "keys"> {
  readonly data: readonly Item[];
}

function toListed<Item>(cursor: Cursor<Item> | undefined, keyOf: (item: Item) => unknown): Listed {
  if (cursor === undefined) throw new Error("no cursor");
  const { data, previous, next, pageSize, hasMore } = cursor;
  return { keys: data.map((item) => String(keyOf(item))), previous, next, pageSize, hasMore };
}

const ledger = "main";

export const transactions: List = async (client, query) =>
  toListed((await client.listTransactions({ ledger, ...query })).cursor, ({ txid }) => txid);

export const accounts: List = async (client, query) =>
  toListed((await client.listAccounts({ ledger, ...query })).cursor, ({ address }) => address);

export const balances: List = async (client, query) =>
  toListed((await client.getBalances({ ledger, ...query })).cursor, (item) =>
    Object.keys(item.accounts),
  );

export const logs: List = async (client, query) =>
  toListed((await client.listLogs({ ledger, ...query })).cursor, ({ id }) => id);

/** The pages from the first one to the last, as their `next` cursors lead. */
export async function allPages(list: List, client: LedgerClient, query: Query): Promise<Listed[]> {
  const pages = [await list(client, query)];
  for (let cursor = pages[0]?.next; cursor; cursor = pages.at(-1)?.next) {
    pages.push(await list(client, { cursor }));
  }
  return pages;
}

/** The keys of all pages. */
export const allKeys = async (
  list: List,
  client: LedgerClient,
  query: Query = {},
): Promise<string[]> =>
  (await allPages(list, client, { pageSize: 1000, ...query })).flatMap(({ keys }) => keys);
