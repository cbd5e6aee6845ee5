import { ACCOUNTS } from "./accounts.js";
import type { Answer } from "./answer.js";
import {
  type Call,
  getAccount,
  getBalances,
  getTransaction,
  listLogs,
  listTransactions,
} from "./calls.js";
import type { JsonObject, Page, Seen } from "./history.js";
import type { Knowledge } from "./knowledge.js";
import type { Random } from "./random.js";

export interface PlannedRead {
  readonly call: Call;
  /** What the answer to it says. */
  see(answer: Answer): Seen;
}

export function planRead(random: Random, { ledger, transactions }: Knowledge): PlannedRead {
  const kind = random.next();
  const account = random.pick(["world", "fees", "credit", ...ACCOUNTS]);
  const pageSize = random.between(1, 20);
  if (kind < 0.35) {
    return { call: getAccount(ledger, account), see: ifOk(seeAccount(account)) };
  }
  if (kind < 0.5 && transactions.length > 0) {
    const id = random.pick(transactions);
    return { call: getTransaction(ledger, id), see: seeTransaction(id) };
  }
  if (kind < 0.65) {
    const call = listTransactions(ledger, pageSize);
    return { call, see: ifOk(seeTransactions(pageSize)) };
  }
  if (kind < 0.75) {
    const call = listTransactions(ledger, pageSize, account);
    return { call, see: ifOk(seeTransactions(pageSize, account)) };
  }
  return kind < 0.85
    ? { call: getBalances(ledger), see: ifOk(seeBalances) }
    : { call: listLogs(ledger, pageSize), see: ifOk(seeLogs(pageSize)) };
}

const ifOk =
  (see: (body: unknown) => Seen) =>
  ({ outcome, body }: Answer): Seen =>
    outcome === "ok" ? see(body) : { type: "nothing" };

type Integer = string | number;

const seeAccount =
  (address: string) =>
  (body: unknown): Seen => {
    const { data } = body as {
      data: {
        volumes: Record<string, { readonly input: Integer; readonly output: Integer }>;
        metadata: JsonObject;
      };
    };
    const volumes = Object.entries(data.volumes).map(
      ([asset, { input, output }]) =>
        [asset, { input: BigInt(input), output: BigInt(output) }] as const,
    );
    const { metadata } = data;
    return { type: "account", address, volumes: Object.fromEntries(volumes), metadata };
  };

const seeTransaction =
  (id: string) =>
  ({ outcome, status, body }: Answer): Seen => {
    const type = "transaction";
    if (status === "404" || status === "NOT_FOUND") return { type, id, found: false };
    if (outcome !== "ok") return { type: "nothing" };
    const { data } = body as { data: { metadata: JsonObject } };
    return { type, id, found: true, metadata: data.metadata };
  };

interface Cursor<Item> {
  readonly cursor: { readonly data: readonly Item[]; readonly hasMore: boolean };
}

const page = <Shown, Item>(
  body: unknown,
  pageSize: number,
  see: (shown: Shown) => Item,
): Page<Item> => {
  const { data, hasMore } = (body as Cursor<Shown>).cursor;
  return { pageSize, hasMore, items: data.map(see) };
};

const seeTransactions =
  (pageSize: number, account?: string) =>
  (body: unknown): Seen => ({
    type: "transactions",
    ...(account !== undefined && { account }),
    ...page(body, pageSize, ({ txid, metadata }: { txid: Integer; metadata: JsonObject }) => ({
      id: String(txid),
      metadata,
    })),
  });

const seeLogs =
  (pageSize: number) =>
  (body: unknown): Seen => ({
    type: "logs",
    ...page(body, pageSize, ({ id, hash }: { id: Integer; hash: string }) => ({
      id: String(id),
      hash,
    })),
  });

type Balances = Readonly<Record<string, Integer>>;

/** Protobuf has messages in between, each of one field. */
type ShownBalances =
  | { readonly accounts: Readonly<Record<string, { readonly balances: Balances }>> }
  | Readonly<Record<string, Balances>>;

const seeBalances = (body: unknown): Seen => {
  const balances = (body as Cursor<ShownBalances>).cursor.data
    .flatMap(accountsIn)
    .flatMap(([address, assets]) =>
      Object.entries(assets).map(([asset, balance]) => [`${address} ${asset}`, BigInt(balance)]),
    );
  return { type: "balances", balances: Object.fromEntries(balances) };
};

const accountsIn = (shown: ShownBalances): (readonly [string, Balances])[] =>
  isMessage(shown)
    ? Object.entries(shown.accounts).map(([address, { balances }]) => [address, balances])
    : Object.entries(shown);

const isMessage = (
  shown: ShownBalances,
): shown is Extract<ShownBalances, { readonly accounts: object }> => "accounts" in shown;
