import { contractOf } from "../contract.js";
import type {
  Delivery,
  Effect,
  History,
  JsonObject,
  Operation,
  Page,
  Refusal,
  Seen,
  Write,
} from "../history.js";
import { canonical } from "./canonical.js";
import { hashOf, logJson } from "./checkLogs.js";
import { movesOf } from "./checkMoves.js";
import { mirror, revertReference } from "./mirror.js";
import { printStored } from "./printStored.js";
import { EMPTY, replay } from "./replay.js";
import type { StoredKey, StoredLedger, StoredLog, StoredMapping, Volume } from "./state.js";

/** What a ledger did, in its order: a write happened, or a read looked at it. */
export interface Step {
  readonly client: number;
  readonly begin: number;
  readonly end: number;
  readonly outcome: Operation["outcome"];
  readonly what: Write | { readonly kind: "read"; readonly of: Look };
  /** Whether a write takes place here: not if it was refused, is a repeat, or was lost before it arrived. */
  readonly happens: boolean;
  /** Why a write was refused, if its client was told. */
  readonly refusal?: Refusal;
}

/** What a read asks for. */
export type Look =
  | { readonly type: "account"; readonly address: string }
  | { readonly type: "transaction"; readonly id: string }
  | { readonly type: "transactions"; readonly account?: string; readonly pageSize: number }
  | { readonly type: "logs"; readonly pageSize: number }
  | { readonly type: "balances" };

export interface Simulated {
  readonly history: History;
  readonly ledger: StoredLedger;
}

export const LEDGER = "main";

/** A ledger that is as it should be: what clients see of `steps`, and what is stored after them. */
export function simulate(steps: readonly Step[]): Simulated {
  const logs: StoredLog[] = [];
  const events: Delivery[] = [];
  const keys: StoredKey[] = [];
  const mappings: StoredMapping[] = [];
  const answers = new Map<string, string[]>();
  const operations = steps.map((step, id): Operation => {
    const { what, happens, outcome, refusal, ...times } = step;
    const base = { id, ...times, server: 0, ledger: LEDGER, outcome, status: outcome };
    if (what.kind === "read")
      return { ...base, what: { kind: "read", seen: look(logs, what.of, outcome) } };
    const { idempotencyKey: key, marker } = what;
    if (refusal !== undefined) return { ...base, what: { ...what, refusal } };
    if (what.dryRun && outcome === "ok") {
      const transactionIds = [String(countTransactions(logs))];
      return { ...base, what: { ...what, answer: { transactionIds, hit: false } } };
    }
    const hit = !happens;
    if (happens) {
      if (what.mapping !== undefined) {
        const event = BigInt(events.length);
        mappings.push({ event, contracts: canonical([contractOf(what.mapping)]) });
        events.push({
          ...{ ledger: LEDGER, messageId: `${LEDGER}:m${event}:UPDATED_MAPPING` },
          ...{ transactionIds: [], at: 0 },
        });
      }
      const first = BigInt(logs.length);
      const transactionIds = append(logs, events, what.effects);
      answers.set(marker, transactionIds);
      if (key !== undefined) keys.push({ key, first, last: BigInt(logs.length) - 1n });
    }
    const transactionIds = answers.get(marker) ?? [];
    return {
      ...base,
      what: { ...what, ...(outcome === "ok" && { answer: { transactionIds, hit } }) },
    };
  });
  const stored = { ...store(logs, keys, events.length), mappings };
  const watched = [{ ledger: LEDGER, logIds: logs.map(({ id }) => String(id)) }];
  const shown = operations.map((each) => show(each, stored));
  return { history: { operations: shown, watched, deliveries: events }, ledger: stored };
}

/** What was written, as its answer shows it. */
function show(operation: Operation, { logs }: StoredLedger): Operation {
  const { what } = operation;
  if (what.kind === "read" || what.dryRun || what.answer === undefined) return operation;
  const { answer } = what;
  const shown = answer.transactionIds.flatMap((id) =>
    logs.flatMap((log) =>
      log.type === "transaction" && String(log.txid) === id ? [printStored(log)] : [],
    ),
  );
  return { ...operation, what: { ...what, answer: { ...answer, shown } } };
}

const countTransactions = (logs: readonly StoredLog[]): number =>
  logs.filter(({ type }) => type === "transaction").length;

function append(logs: StoredLog[], events: Delivery[], effects: readonly Effect[]): string[] {
  const ids: string[] = [];
  const tell = (type: string, transactionIds: string[]) =>
    events.push({
      ledger: LEDGER,
      messageId: `${LEDGER}:${logs.length}:${type}`,
      transactionIds,
      at: 0,
    });
  for (const effect of effects) {
    if (effect.type === "setMetadata") {
      tell("SAVED_METADATA", []);
      add(logs, {
        type: "metadata",
        target: effect.target,
        metadata: { [effect.key]: effect.value },
      });
      continue;
    }
    const txid = BigInt(countTransactions(logs));
    if (ids.length === 0) tell("COMMITTED_TRANSACTIONS", ids);
    ids.push(String(txid));
    if (effect.type === "transaction") {
      const { postings, reference = null, marker } = effect;
      add(logs, {
        type: "transaction",
        txid,
        reference,
        postings,
        metadata: { torture: marker },
        before: new Map(),
      });
      continue;
    }
    const original = logs.find(
      (log) => log.type === "transaction" && log.txid === BigInt(effect.transactionId),
    );
    if (original?.type !== "transaction") throw new RangeError("nothing to revert");
    const postings = mirror(original.postings);
    const metadata = { "com.numary.spec/state/reverts": effect.transactionId };
    add(logs, {
      type: "transaction",
      txid,
      reference: revertReference(original.reference),
      postings,
      metadata,
      before: new Map(),
    });
    tell("REVERTED_TRANSACTION", []);
    const mark = { "com.numary.spec/state/reverted": { by: String(txid) } };
    add(logs, { type: "metadata", target: `tx:${effect.transactionId}`, metadata: mark });
  }
  return ids;
}

type NewLog = StoredLog extends infer Log
  ? Log extends StoredLog
    ? Omit<Log, "id" | "date" | "hash">
    : never
  : never;

/** Volumes are filled in by `store`. */
function add(logs: StoredLog[], log: NewLog): void {
  const id = BigInt(logs.length);
  const added = { ...log, id, date: "2026-01-01T00:00:00Z", hash: "" } as StoredLog;
  const last = logs.at(-1);
  logs.push({ ...added, hash: hashOf(last ? logJson(last, last.hash) : null, added) });
}

/** All that is stored of `bare` logs: chained, and with what follows from them. */
export function store(
  bare: readonly StoredLog[],
  keys: StoredLedger["keys"],
  nextEvent: number,
): StoredLedger {
  const before: ReadonlyMap<string, Volume>[] = [];
  const { history, metadata } = replay({ logs: bare }, (_log, changes, position) => {
    before[position] = new Map(changes.map((change) => [change.key, change.before]));
  });
  const logs = chain(bare, before);
  return {
    name: LEDGER,
    head: {
      nextTxid: BigInt(countTransactions(logs)),
      nextLog: BigInt(logs.length),
      nextEvent: BigInt(nextEvent),
      lastHash: logs.at(-1)?.hash ?? null,
    },
    logs,
    volumes: new Map([...history].map(([key, steps]) => [key, steps.at(-1) ?? EMPTY])),
    metadata,
    keys,
    moves: movesOf(logs),
    mappings: [],
    untold: 0,
    dead: [],
  };
}

/** Numbers and chains logs in the order given. */
function chain(
  bare: readonly StoredLog[],
  before: readonly ReadonlyMap<string, Volume>[],
): StoredLog[] {
  let [previous, txid] = [null as string | null, 0n];
  return bare.map((each, position) => {
    const log: StoredLog =
      each.type === "metadata"
        ? { ...each, id: BigInt(position) }
        : { ...each, id: BigInt(position), txid: txid++, before: before[position] ?? new Map() };
    const hash = hashOf(previous, log);
    previous = logJson(log, hash);
    return { ...log, hash };
  });
}

function look(logs: readonly StoredLog[], of: Look, outcome: Operation["outcome"]): Seen {
  if (outcome !== "ok") return { type: "nothing" };
  const transactions = logs.filter((log) => log.type === "transaction");
  if (of.type === "transactions") {
    const { pageSize, account } = of;
    const all = transactions.filter(
      ({ postings }) =>
        account === undefined ||
        postings.some(({ source, destination }) => [source, destination].includes(account)),
    );
    const items = all.map(({ txid }) => ({
      id: String(txid),
      metadata: metadataOf(logs, `tx:${txid}`),
    }));
    return { ...of, ...pageOf(items, pageSize) };
  }
  if (of.type === "logs") {
    const items = logs.map(({ id, hash }) => ({ id: String(id), hash }));
    return { ...of, ...pageOf(items, of.pageSize) };
  }
  if (of.type === "transaction") {
    const found = transactions.some(({ txid }) => String(txid) === of.id);
    return { ...of, found, ...(found && { metadata: metadataOf(logs, `tx:${of.id}`) }) };
  }
  const volumes: Record<string, Record<string, Volume>> = {};
  for (const { source, destination, asset, amount } of transactions.flatMap(
    ({ postings }) => postings,
  )) {
    grow(volumes, source, asset, 0n, amount);
    grow(volumes, destination, asset, amount, 0n);
  }
  if (of.type === "account") {
    const metadata = metadataOf(logs, of.address);
    return { ...of, volumes: volumes[of.address] ?? {}, metadata };
  }
  const balances = Object.entries(volumes).flatMap(([account, assets]) =>
    Object.entries(assets).map(([asset, { input, output }]) => [
      `${account} ${asset}`,
      input - output,
    ]),
  );
  return { ...of, balances: Object.fromEntries(balances) };
}

const pageOf = <Item>(all: readonly Item[], pageSize: number): Page<Item> => ({
  pageSize,
  hasMore: all.length > pageSize,
  items: all.slice(-pageSize).reverse(),
});

function metadataOf(logs: readonly StoredLog[], wanted: string): JsonObject {
  const all = logs.filter((log) =>
    log.type === "transaction" ? `tx:${log.txid}` === wanted : log.target === wanted,
  );
  return Object.assign({}, ...all.map(({ metadata }) => metadata));
}

function grow(
  volumes: Record<string, Record<string, Volume>>,
  account: string,
  asset: string,
  input: bigint,
  output: bigint,
): void {
  const assets = volumes[account] ?? {};
  const { input: inputs, output: outputs } = assets[asset] ?? EMPTY;
  volumes[account] = { ...assets, [asset]: { input: inputs + input, output: outputs + output } };
}
