import type { Delivery, Effect, History, Operation, Refusal, Seen, Write } from "../history.js";
import { hashOf, logJson } from "./checkLogs.js";
import { mirror, revertReference } from "./mirror.js";
import { EMPTY, replay } from "./replay.js";
import type { StoredKey, StoredLedger, StoredLog, Volume } from "./state.js";

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
  | { readonly type: "newest" };

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
  const stored = store(logs, keys, events.length);
  const watched = [{ ledger: LEDGER, logIds: logs.map(({ id }) => String(id)) }];
  return { history: { operations, watched, deliveries: events }, ledger: stored };
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

/** The rest is filled in by `store`. */
function add(logs: StoredLog[], log: NewLog): void {
  const id = BigInt(logs.length);
  logs.push({ ...log, id, date: "2026-01-01T00:00:00Z", hash: "" } as StoredLog);
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
  if (of.type === "newest") {
    const [log, transaction] = [logs.at(-1), transactions.at(-1)];
    return {
      type: "newest",
      lastLogId: log ? String(log.id) : null,
      lastTransactionId: transaction ? String(transaction.txid) : null,
    };
  }
  if (of.type === "transaction") {
    const found = transactions.some(({ txid }) => String(txid) === of.id);
    const reverted = logs.some(
      ({ type, metadata, ...log }) =>
        type === "metadata" &&
        "target" in log &&
        log.target === `tx:${of.id}` &&
        "com.numary.spec/state/reverted" in metadata,
    );
    return { type: "transaction", id: of.id, found, ...(found && { reverted }) };
  }
  const volumes: Record<string, Volume> = {};
  for (const { postings } of transactions) {
    for (const { source, destination, asset, amount } of postings) {
      if (source === of.address) grow(volumes, asset, 0n, amount);
      if (destination === of.address) grow(volumes, asset, amount, 0n);
    }
  }
  return { type: "account", address: of.address, volumes };
}

function grow(volumes: Record<string, Volume>, asset: string, input: bigint, output: bigint): void {
  const { input: inputs, output: outputs } = volumes[asset] ?? EMPTY;
  volumes[asset] = { input: inputs + input, output: outputs + output };
}
