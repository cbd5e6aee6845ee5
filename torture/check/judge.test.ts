import { expect, test } from "vitest";
import type { Delivery, Effect, Operation, Read, Seen, Write } from "../history.js";
import { judge } from "./judge.js";
import { LEDGER, type Simulated, simulate, store } from "./simulate.js";
import type { StoredLedger, StoredLog, StoredMapping } from "./state.js";
import { inTurn, pay, posting, read, refuse, setMapping, write } from "./tell.js";
import type { Rule } from "./violation.js";

const first = [pay("m0", "world", "a", 100n)];

const story = (): Simulated =>
  simulate(
    inTurn([
      write(first, { idempotencyKey: "k0" }), // 0: log 0
      write([pay("m1", "a", "b", 30n), pay("m2", "a", "c", 20n)]), // 1: logs 1, 2
      read({ type: "account", address: "a" }), // 2
      write([{ type: "setMetadata", target: "a", key: "color", value: "red" }]), // 3: log 3
      write([{ type: "revert", transactionId: "1" }]), // 4: logs 4, 5
      write(first, { idempotencyKey: "k0", happens: false }), // 5
      read({ type: "logs", pageSize: 4 }), // 6
      write([pay("m7", "world", "b", 5n)], { outcome: "unknown", end: Infinity }), // 7: log 6
      write([pay("m8", "world", "b", 5n)], { outcome: "unknown", happens: false }), // 8
      refuse([pay("m9", "b", "c", 500n)], "insufficient funds"), // 9
      write([pay("m10", "world", "c", 1n)], { dryRun: true, happens: false }), // 10
      read({ type: "transaction", id: "1" }), // 11
      write([pay("m12", "world", "c", 9n)], { idempotencyKey: "k12" }), // 12: log 7
      read({ type: "transactions", pageSize: 3 }), // 13
      read({ type: "transactions", pageSize: 9, account: "a" }), // 14
      read({ type: "balances" }), // 15
      read({ type: "account", address: "a" }), // 16
    ]),
  );

const rulesOf = ({ history, ledger }: Simulated): Rule[] => [
  ...new Set(judge(history, [ledger]).map(({ rule }) => rule)),
];

test("a ledger that is as it should be passes", () => {
  const { history, ledger } = story();
  expect(judge(history, [ledger])).toEqual([]);
});

test("names the operations that show a fault", () => {
  const { history, ledger } = logs((all) => all.slice(0, -1))(story());
  const lost = judge(history, [ledger]).find(({ rule }) => rule === "lost write");
  expect(lost?.operations).toEqual([12]);
});

test("a write that overlaps nothing it contradicts may be anywhere", () => {
  const steps = inTurn([
    write([pay("m0", "world", "a", 1n)], { begin: 0, end: 10 }),
    read({ type: "logs", pageSize: 4 }),
    write([pay("m1", "world", "a", 1n)], { begin: 5, end: 30 }),
  ]);
  const overlapping = steps.map((step) =>
    step.what.kind === "read" ? { ...step, begin: 0, end: 40 } : step,
  );
  expect(rulesOf(simulate(overlapping))).toEqual([]);
});

// What breaks each rule, and it alone unless more are named.

type Tamper = (sound: Simulated) => Simulated;

const operation =
  (id: number, change: (operation: Operation) => Operation): Tamper =>
  ({ history, ledger }) => ({
    ledger,
    history: {
      ...history,
      operations: history.operations.map((each) => (each.id === id ? change(each) : each)),
    },
  });

const told = (id: number, change: Partial<Operation>): Tamper =>
  operation(id, (each) => ({ ...each, ...change }));

const wrote = (id: number, change: Partial<Write>): Tamper =>
  operation(id, (each) => ({ ...each, what: { ...(each.what as Write), ...change } }));

const saw = (id: number, seen: Seen): Tamper =>
  operation(id, (each) => ({ ...each, what: { kind: "read", seen } }));

type SeenAs<Type> = Extract<Seen, { readonly type: Type }>;

const sees = <S extends Seen>(id: number, change: (seen: S) => S): Tamper =>
  operation(id, (each) => {
    const { seen } = each.what as Read;
    return { ...each, what: { kind: "read", seen: change(seen as S) } };
  });

const stored =
  (change: (ledger: StoredLedger) => Partial<StoredLedger>): Tamper =>
  ({ history, ledger }) => ({ history, ledger: { ...ledger, ...change(ledger) } });

/** Changes logs, and all that follows from them along. */
const logs =
  (change: (logs: StoredLog[]) => StoredLog[]): Tamper =>
  ({ history, ledger }) => {
    const { logs, volumes, metadata, head } = store(change([...ledger.logs]), ledger.keys, 0);
    return {
      history,
      ledger: {
        ...ledger,
        logs,
        volumes,
        metadata,
        head: { ...head, nextEvent: ledger.head.nextEvent },
      },
    };
  };

const deliveries =
  (change: (deliveries: Delivery[]) => Delivery[]): Tamper =>
  ({ history, ledger }) => ({
    ledger,
    history: { ...history, deliveries: change([...history.deliveries]) },
  });

const watched =
  (change: (ids: string[]) => string[]): Tamper =>
  ({ history, ledger }) => ({
    ledger,
    history: {
      ...history,
      watched: history.watched.map((each) => ({ ...each, logIds: change([...each.logIds]) })),
    },
  });

const logsPage = ({ ledger }: Simulated, ids: readonly number[], hasMore: boolean): Seen => ({
  ...{ type: "logs", pageSize: 4, hasMore },
  items: ids.map((id) => ({ id: String(id), hash: ledger.logs[id]?.hash ?? "" })),
});

const swap = <T>(all: T[], a: number, b: number): T[] =>
  all.map((each, index) => (index === a ? all[b] : index === b ? all[a] : each) as T);

const changeAt = <T>(all: readonly T[], at: number, change: (each: T) => T): T[] =>
  all.map((each, index) => (index === at ? change(each) : each));

const faults: [name: string, rule: Rule, tamper: Tamper][] = [
  [
    "a number is left out",
    "numbers without gaps",
    stored(({ logs }) => ({ logs: changeAt(logs, 7, (log) => ({ ...log, id: 8n })) })),
  ],
  [
    "the head is behind",
    "numbers without gaps",
    stored(({ head }) => ({ head: { ...head, nextLog: 7n } })),
  ],
  [
    "a transaction has a later one's number",
    "numbers without gaps",
    stored(({ logs }) => ({ logs: changeAt(logs, 7, (log) => ({ ...log, txid: 6n })) })),
  ],
  [
    "an old amount was changed",
    "hash chain",
    stored(({ logs }) => ({
      logs: changeAt(logs, 3, (log) => ({ ...log, metadata: { color: "blue" } })),
    })),
  ],
  [
    "a volume is too high",
    "stored volumes",
    stored(({ volumes }) => ({
      volumes: new Map(volumes).set("a EUR/2", { input: 101n, output: 51n }),
    })),
  ],
  [
    "a transaction was decided on old volumes",
    "stored volumes",
    stored(({ logs }) => ({ logs: changeAt(logs, 7, (log) => ({ ...log, before: new Map() })) })),
  ],
  ["metadata was dropped", "stored metadata", stored(() => ({ metadata: new Map() }))],
  [
    "value was made",
    "conservation",
    stored(({ volumes }) => ({
      volumes: new Map(volumes).set("a EUR/2", { input: 131n, output: 50n }),
    })),
  ],
  ["a write is stored twice", "exactly once", logs((all) => [...all, ...all.slice(7)])],
  ["a repeat was executed again", "exactly once", logs((all) => [...all, ...all.slice(0, 1)])],
  ["a batch is stored in part", "all or nothing", logs((all) => all.filter((_, at) => at !== 2))],
  ["a batch has others in its middle", "all or nothing", logs((all) => swap(all, 2, 3))],
  [
    "an unknown write is stored in part",
    "all or nothing",
    wrote(7, { effects: [pay("m7", "world", "b", 5n), pay("m7b", "world", "b", 5n)] }),
  ],
  ["an acknowledged write is gone", "lost write", logs((all) => all.slice(0, -1))],
  ["a refused write is stored", "refused write", told(12, { outcome: "refused" })],
  ["a preview is stored", "refused write", wrote(12, { dryRun: true })],
  [
    "another amount was stored",
    "stored as asked",
    wrote(12, { effects: [pay("m12", "world", "c", 8n)] }),
  ],
  [
    "a reference was dropped",
    "stored as asked",
    wrote(12, { effects: [{ ...pay("m12", "world", "c", 9n), reference: "r" } as Effect] }),
  ],
  [
    "a revert is no mirror image",
    "stored as asked",
    logs((all) =>
      changeAt(all, 4, (log) => ({ ...log, postings: posting("b", "a", 29n) }) as StoredLog),
    ),
  ],
  [
    "a revert left no mark",
    "stored as asked",
    logs((all) =>
      changeAt(all, 5, (log) => ({
        ...log,
        metadata: { "com.numary.spec/state/reverted": { by: "0" } },
      })),
    ),
  ],
  [
    "another id was answered",
    "answer",
    wrote(12, { answer: { transactionIds: ["4"], hit: false } }),
  ],
  [
    "a repeat was answered otherwise",
    "answer",
    wrote(5, { answer: { transactionIds: ["1"], hit: true } }),
  ],
  [
    "two were told to be first",
    "idempotent repeat",
    wrote(5, { answer: { transactionIds: ["0"], hit: false } }),
  ],
  [
    "a first was told to be a repeat",
    "idempotent repeat",
    wrote(12, { answer: { transactionIds: ["5"], hit: true } }),
  ],
  ["another body was taken under a key", "idempotency key", wrote(12, { idempotencyKey: "k0" })],
  ["a key was not kept", "idempotency key", stored(() => ({ keys: [] }))],
  [
    "a key stands for another write",
    "idempotency key",
    stored(({ keys }) => ({ keys: changeAt(keys, 0, (key) => ({ ...key, last: 1n })) })),
  ],
  [
    "nobody asked for a write",
    "invented log",
    ({ history, ledger }) => ({
      ledger,
      history: { ...history, operations: history.operations.filter(({ id }) => id !== 7) },
    }),
  ],
  [
    "an account was overdrawn",
    "overdraft",
    logs((all) =>
      changeAt(all, 2, (log) => ({ ...log, postings: posting("a", "c", 71n) }) as StoredLog),
    ),
  ],
  ["a later write has the earlier log", "order in time", told(3, { begin: 1000, end: 1001 })],
  [
    "a read did not see what was acknowledged",
    "order in time",
    (sound) => saw(6, logsPage(sound, [3, 2, 1, 0], false))(sound),
  ],
  [
    "a read did not find a transaction",
    "order in time",
    (sound) =>
      told(11, { outcome: "refused" })(
        saw(11, { type: "transaction", id: "1", found: false })(sound),
      ),
  ],
  [
    "a read saw a revert that was not asked for yet",
    "order in time",
    told(11, { begin: 21, end: 25 }),
  ],
  [
    "a read saw an older balance",
    "order in time",
    saw(2, { type: "account", address: "a", volumes: { "EUR/2": { input: 100n, output: 0n } } }),
  ],
  [
    "a read saw half a batch",
    "impossible read",
    saw(2, { type: "account", address: "a", volumes: { "EUR/2": { input: 100n, output: 30n } } }),
  ],
  [
    "a read saw what never was",
    "impossible read",
    saw(2, { type: "account", address: "a", volumes: { "EUR/2": { input: 99n, output: 0n } } }),
  ],
  [
    "a read found what is not there",
    "impossible read",
    saw(11, { type: "transaction", id: "99", found: true }),
  ],
  [
    "a read saw a revert that never was",
    "impossible read",
    saw(11, {
      ...{ type: "transaction", id: "2", found: true },
      metadata: { torture: "m2", "com.numary.spec/state/reverted": { by: "3" } },
    }),
  ],
  [
    "a page left a log out",
    "impossible read",
    (sound) => saw(6, logsPage(sound, [5, 4, 2, 1], true))(sound),
  ],
  [
    "a page called the first log the last",
    "impossible read",
    (sound) => saw(6, logsPage(sound, [5, 4, 3, 2], false))(sound),
  ],
  [
    "a page has another hash",
    "impossible read",
    sees(6, (seen: SeenAs<"logs">) => ({
      ...seen,
      items: changeAt(seen.items, 1, (item) => ({ ...item, hash: "0" })),
    })),
  ],
  [
    "a page has a transaction of another account",
    "impossible read",
    sees(14, (seen: SeenAs<"transactions">) => ({ ...seen, account: "b" })),
  ],
  [
    "a page is of an earlier moment",
    "order in time",
    sees(14, (seen: SeenAs<"transactions">) => ({
      ...seen,
      items: seen.items
        .slice(1)
        .map(({ id, metadata }) => ({ id, metadata: { torture: metadata["torture"] ?? null } })),
    })),
  ],
  [
    "a page mixes two moments",
    "impossible read",
    sees(14, (seen: SeenAs<"transactions">) => ({
      ...seen,
      items: seen.items.map(({ id, metadata }) => ({
        id,
        metadata: Object.fromEntries(
          Object.entries(metadata).filter(([key]) => !key.endsWith("reverted")),
        ),
      })),
    })),
  ],
  [
    "balances were never so together",
    "impossible read",
    sees(15, (seen: SeenAs<"balances">) => ({
      ...seen,
      balances: { ...seen.balances, "a EUR/2": 100n },
    })),
  ],
  [
    "balances are of an earlier moment",
    "impossible read",
    sees(15, (seen: SeenAs<"balances">) => ({
      ...seen,
      balances: { ...seen.balances, "world EUR/2": -105n, "c EUR/2": 20n },
    })),
  ],
  [
    "metadata was seen as it was before the volumes",
    "impossible read",
    sees(16, (seen: SeenAs<"account">) => ({ ...seen, metadata: {} })),
  ],
  [
    "metadata was seen that nobody set",
    "impossible read",
    sees(16, (seen: SeenAs<"account">) => ({ ...seen, metadata: { color: "blue" } })),
  ],
  [
    "an answer shows another transaction",
    "answer",
    wrote(12, { answer: { transactionIds: ["5"], hit: false, shown: ["{}"] } }),
  ],
  ["a move is missing", "stored moves", stored(() => ({ moves: new Set() }))],
  [
    "a move is too much",
    "stored moves",
    stored(({ moves }) => ({ moves: new Set([...moves, "transaction 0, b, source"]) })),
  ],
  ["a watcher missed a log", "watcher", watched((ids) => ids.filter((id) => id !== "3"))],
  ["a watcher was told twice", "watcher", watched((ids) => ["0", ...ids])],
  ["a watcher was not told the last", "watcher", watched((ids) => ids.slice(0, -1))],
  ["an event was not told", "event", deliveries((all) => all.filter((_, at) => at !== 3))],
  ["events were told in another order", "event", deliveries((all) => swap(all, 2, 3))],
  [
    "an event tells of what is not there",
    "event",
    deliveries((all) => [
      ...all,
      { ...(all[0] as Delivery), messageId: `${LEDGER}:9:SAVED_METADATA` },
    ]),
  ],
  [
    "an event leaves a transaction out",
    "event",
    deliveries((all) => changeAt(all, 1, (each) => ({ ...each, transactionIds: ["1"] }))),
  ],
  [
    "an event shows another transaction",
    "event",
    deliveries((all) => changeAt(all, 1, (each) => ({ ...each, shown: ["{}"] }))),
  ],
  [
    "an event was not counted",
    "event",
    stored(({ head }) => ({ head: { ...head, nextEvent: 6n } })),
  ],
  ["something is left to tell", "outbox", stored(() => ({ untold: 1 }))],
  ["an event was given up", "outbox", stored(() => ({ dead: ["main:0:COMMITTED_TRANSACTIONS"] }))],
];

test.each(faults)("%s: %s", (_name, rule, tamper) => {
  expect(rulesOf(tamper(story()))).toContain(rule);
});

/** Events: a mapping, log 0, two mappings, log 1. */
const mapped = (): Simulated =>
  simulate(
    inTurn([
      setMapping("m0"), // 0
      write(first), // 1
      setMapping("m2"), // 2
      setMapping("m3", { outcome: "unknown", end: Infinity }), // 3
      setMapping("m4", { outcome: "unknown", happens: false }), // 4
      write([pay("m5", "a", "b", 1n)]), // 5
      setMapping("m6", { outcome: "refused", happens: false }), // 6
    ]),
  );

test("mappings that are as they should be pass", () => {
  expect(rulesOf(mapped())).toEqual([]);
});

const mappings = (change: (all: StoredMapping[]) => StoredMapping[]): Tamper =>
  stored(({ mappings }) => ({ mappings: change([...mappings]) }));

test.each<[name: string, rules: Rule[], tamper: Tamper]>([
  ["one is gone", ["mapping", "order in time", "event"], mappings((all) => all.slice(1))],
  [
    "one is stored twice",
    ["mapping", "event"],
    mappings((all) => [...all, { event: 5n, contracts: all[0]?.contracts ?? "" }]),
  ],
  [
    "one is not as it was asked",
    ["mapping"],
    mappings((all) => changeAt(all, 0, (each) => ({ ...each, contracts: "[]" }))),
  ],
  [
    "they are in another order",
    ["order in time"],
    mappings(([a, b, c]) =>
      a && b && c ? [{ ...b, event: a.event }, { ...a, event: b.event }, c] : [],
    ),
  ],
  [
    "one is before what came earlier",
    ["order in time", "event"],
    mappings((all) => changeAt(all, 1, (each) => ({ ...each, event: 1n }))),
  ],
  [
    "one is behind what came later",
    ["order in time", "event"],
    mappings(([a, b, c]) => (a && b && c ? [a, c, { ...b, event: 4n }] : [])),
  ],
  ["one that was refused is stored", ["mapping"], told(2, { outcome: "refused" })],
  ["one was refused for no reason", ["mapping"], wrote(6, { refusal: "something else" })],
  ["one was not told", ["event"], deliveries((all) => all.filter((_, at) => at !== 2))],
])("of mappings, %s", (_name, rules, tamper) => {
  expect(rulesOf(tamper(mapped())).toSorted()).toEqual(rules.toSorted());
});

test("an event may be told again, later", () => {
  expect(rulesOf(deliveries((all) => [...all, ...all.slice(2, 4)])(story()))).toEqual([]);
});

test("an overdraft that a script allowed is none", () => {
  const allowed: Effect = {
    ...(pay("m", "poor", "a", 5n) as Effect & { type: "transaction" }),
    overdrafts: ["poor"],
  };
  expect(rulesOf(simulate(inTurn([write([allowed])])))).toEqual([]);
  expect(rulesOf(simulate(inTurn([write([pay("m", "poor", "a", 5n)])])))).toEqual(["overdraft"]);
});
