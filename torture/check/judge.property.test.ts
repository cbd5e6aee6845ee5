import fc from "fast-check";
import { expect, test } from "vitest";
import { contractOf } from "../contract.js";
import type { Effect, Operation, Posting, Refusal, Seen, Write } from "../history.js";
import { canonical } from "./canonical.js";
import { judge } from "./judge.js";
import { mirror } from "./mirror.js";
import { type Look, type Simulated, type Step, simulate, store } from "./simulate.js";

const ACCOUNTS = ["a", "b", "c"];

/** How far around its moment an operation stretches, so that some overlap. */
const reach = fc.integer({ min: 1, max: 60 });

const plan = fc.record({
  kind: fc.constantFrom(
    "pay",
    "pay",
    "spend",
    "spend",
    "batch",
    "metadata",
    "mapping",
    "revert",
    "repeat",
    "read",
    "transactions",
    "transactions of",
    "logs",
    "balances",
    "find",
  ),
  fate: fc.constantFrom("ok", "ok", "ok", "refused", "arrived", "lost"),
  before: reach,
  after: reach,
  account: fc.constantFrom(...ACCOUNTS),
  isKeyed: fc.boolean(),
  amount: fc.bigInt({ min: 0n, max: 50n }),
});

type Plan = typeof plan extends fc.Arbitrary<infer Value> ? Value : never;

const FATES = {
  ok: { outcome: "ok", happens: true },
  refused: { outcome: "refused", happens: false },
  arrived: { outcome: "unknown", happens: true },
  lost: { outcome: "unknown", happens: false },
} as const;

const LOOKS = {
  read: (address): Look => ({ type: "account", address }),
  transactions: (): Look => ({ type: "transactions", pageSize: 3 }),
  "transactions of": (account): Look => ({ type: "transactions", pageSize: 2, account }),
  logs: (): Look => ({ type: "logs", pageSize: 3 }),
  balances: (): Look => ({ type: "balances" }),
  find: (_account, id): Look => ({ type: "transaction", id }),
} as const satisfies Record<string, (account: string, id: string) => Look>;

/** Steps that a ledger may take, one at a time, 20 ms apart, though clients overlap. */
function stepsOf(plans: readonly Plan[]): Step[] {
  const steps: Step[] = [];
  const reverted = new Set<number>();
  const transactions: (readonly Posting[])[] = [];
  for (const [turn, { kind, fate, before, after, account, isKeyed, amount }] of plans.entries()) {
    const moment = 1000 + 20 * turn;
    const { outcome, happens } = FATES[fate];
    const step = {
      client: turn,
      begin: moment - before,
      end: fate === "lost" ? Number.POSITIVE_INFINITY : moment + after,
      outcome,
      happens,
    };
    const postings = [{ source: "world", destination: account, asset: "EUR/2", amount }];
    const pay = (marker: string): Effect => ({ type: "transaction", marker, postings });
    const write = (effects: readonly Effect[], made: readonly (readonly Posting[])[]) => {
      const key = isKeyed ? { idempotencyKey: `k${turn}` } : {};
      const what: Write = { kind: "write", marker: `m${turn}`, dryRun: false, effects, ...key };
      steps.push({ ...step, what });
      if (happens) transactions.push(...made);
    };
    const refuse = (effects: readonly Effect[], refusal: Refusal) => {
      const what: Write = { kind: "write", marker: `m${turn}`, dryRun: false, effects };
      const told = outcome === "unknown" ? {} : { outcome: "refused" as const, refusal };
      steps.push({ ...step, what, happens: false, ...told });
    };
    const isShort = (moved: readonly Posting[]) =>
      moved.some(({ source, ...each }) => source !== "world" && each.amount > held(source));
    const held = (owner: string): bigint =>
      transactions.flat().reduce((sum, { source, destination, ...each }) => {
        const received = destination === owner ? each.amount : 0n;
        return sum + received - (source === owner ? each.amount : 0n);
      }, 0n);
    const target = transactions.length - 1 - (turn % 3);
    if (kind === "pay") write([pay(`m${turn}`)], [postings]);
    else if (kind === "batch") {
      write(
        [0, 1, 2].map((part) => pay(`m${turn}-${part}`)),
        [postings, postings, postings],
      );
    } else if (kind === "spend") {
      const spent = [{ source: account, destination: "shop", asset: "EUR/2", amount }];
      const effect: Effect = { type: "transaction", marker: `m${turn}`, postings: spent };
      if (isShort(spent)) refuse([effect], "insufficient funds");
      else write([effect], [spent]);
    } else if (kind === "metadata") {
      write([{ type: "setMetadata", target: account, key: "k", value: `v${turn}` }], []);
    } else if (kind === "mapping") {
      const mapping = `m${turn}`;
      const what: Write = { kind: "write", marker: mapping, dryRun: false, effects: [], mapping };
      steps.push({ ...step, what });
    } else if (kind === "revert") {
      const back = mirror(transactions[target] ?? []);
      const effect: Effect = { type: "revert", transactionId: String(target) };
      if (target < 0) refuse([{ type: "revert", transactionId: "99" }], "not found");
      else if (reverted.has(target)) refuse([effect], "already reverted");
      else if (isShort(back)) refuse([effect], "insufficient funds");
      else {
        if (happens) reverted.add(target);
        write([effect], [back]);
      }
    } else if (kind === "repeat") {
      const [first] = steps.filter(
        ({ what, happens }) => happens && what.kind === "write" && what.idempotencyKey,
      );
      if (first)
        steps.push({
          ...step,
          what: first.what,
          outcome: outcome === "ok" ? "ok" : "unknown",
          happens: false,
        });
    } else {
      const of = LOOKS[kind](account, String(Math.max(0, target)));
      steps.push({ ...step, what: { kind: "read", of } });
    }
  }
  return steps;
}

const sound = fc
  .array(plan, { minLength: 1, maxLength: 40 })
  .map((plans) => simulate(stepsOf(plans)));

test("whatever a serial ledger does to clients that overlap passes", () => {
  fc.assert(
    fc.property(sound, ({ history, ledger }) => {
      expect(judge(history, [ledger])).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

/** Breaks a promise at a place that `pick` chooses; null if there is no such place. */
type Fault = (sound: Simulated, pick: <T>(all: readonly T[]) => T | null) => Simulated | null;

/** Of what has logs. */
const isDone = ({ outcome, what }: Operation): boolean =>
  outcome === "ok" && what.kind === "write" && what.mapping === undefined;

/** Where the mapping of an acknowledged write is among those that are stored. */
const mappingOf = ({ ledger }: Simulated, { outcome, what }: Operation): number =>
  outcome === "ok" && what.kind === "write" && what.mapping !== undefined
    ? ledger.mappings.findIndex(
        ({ contracts }) => contracts === canonical([contractOf(what.mapping ?? "")]),
      )
    : -1;

/** Positions of the logs that acknowledged write `id` made, if it was the first of its kind. */
const logsOf = ({ ledger }: Simulated, operation: Operation): number[] => {
  const what = operation.what as Write;
  if (what.answer?.hit !== false) return [];
  return [...ledger.logs.keys()].filter((position) => {
    const log = ledger.logs[position];
    const { torture } = log?.metadata ?? {};
    const value = String(torture ?? log?.metadata["k"]);
    return what.effects.some(
      (each) =>
        (each.type === "transaction" && each.marker === value) ||
        (each.type === "setMetadata" && each.value === value),
    );
  });
};

/** The same with other logs, and all that follows from them. */
const withLogs = ({ history, ledger }: Simulated, positions: readonly number[]): Simulated => {
  const logs = positions.flatMap((position) => ledger.logs[position] ?? []);
  const stored = store(logs, ledger.keys, Number(ledger.head.nextEvent));
  return { history, ledger: { ...stored, mappings: ledger.mappings } };
};

/** An acknowledged write that can be found again, and where its logs are. */
const pickDone = (simulated: Simulated, pick: <T>(all: readonly T[]) => T | null, least = 1) =>
  pick(
    simulated.history.operations
      .filter(isDone)
      .map((operation) => ({ operation, places: logsOf(simulated, operation) }))
      .filter(({ places }) => places.length >= least),
  );

const all = ({ ledger }: Simulated): number[] => [...ledger.logs.keys()];

const FAULTS: Readonly<Record<string, Fault>> = {
  "a lost write": (simulated, pick) => {
    const done = pickDone(simulated, pick);
    return (
      done &&
      withLogs(
        simulated,
        all(simulated).filter((position) => !done.places.includes(position)),
      )
    );
  },
  "a doubled write": (simulated, pick) => {
    const done = pickDone(simulated, pick);
    return done && withLogs(simulated, [...all(simulated), ...done.places]);
  },
  "a torn batch": (simulated, pick) => {
    const done = pickDone(simulated, pick, 2);
    const torn = done && pick(done.places);
    return torn === null
      ? null
      : withLogs(
          simulated,
          all(simulated).filter((position) => position !== torn),
        );
  },
  "a write that was refused": ({ history, ledger }, pick) => {
    const done = pickDone({ history, ledger }, pick);
    const marker = (done?.operation.what as Write | undefined)?.marker;
    const operations = history.operations.map((each) =>
      each.what.kind === "write" && each.what.marker === marker
        ? { ...each, outcome: "refused" as const }
        : each,
    );
    return done && { ledger, history: { ...history, operations } };
  },
  "a refusal for no reason": ({ history, ledger }, pick) => {
    const refused = pick(
      history.operations.filter(({ what }) => what.kind === "write" && what.refusal !== undefined),
    );
    const operations = history.operations.map((each) => {
      if (each !== refused || each.what.kind !== "write") return each;
      return { ...each, what: { ...each.what, refusal: "reference taken" } satisfies Write };
    });
    return refused && { ledger, history: { ...history, operations } };
  },
  "swapped logs": (simulated, pick) => {
    const done = simulated.history.operations.filter(isDone);
    const pairs = done.flatMap((later) =>
      done
        .filter(({ end }) => end < later.begin)
        .map((earlier) => [logsOf(simulated, earlier), logsOf(simulated, later)] as const),
    );
    const pair = pick(pairs.filter(([a, b]) => a.length > 0 && b.length > 0));
    if (pair === null) return null;
    const rest = all(simulated).filter((position) => !pair[0].includes(position));
    const after = rest.indexOf(pair[1].at(-1) ?? 0) + 1;
    return withLogs(simulated, [...rest.slice(0, after), ...pair[0], ...rest.slice(after)]);
  },
  "a stale read": ({ history, ledger }, pick) => {
    const stale = { type: "logs", pageSize: 3, hasMore: false, items: [] } as const;
    const read = pick(
      history.operations.filter(
        ({ what, outcome, begin }) =>
          what.kind === "read" &&
          outcome === "ok" &&
          what.seen.type === "logs" &&
          history.operations.some((each) => isDone(each) && each.end < begin),
      ),
    );
    const operations = history.operations.map((each) =>
      each === read ? { ...each, what: { kind: "read" as const, seen: stale } } : each,
    );
    return read && { ledger, history: { ...history, operations } };
  },
  "an item that a page leaves out": ({ history, ledger }, pick) => {
    const read = pick(
      history.operations.filter(
        ({ what }) => what.kind === "read" && "items" in what.seen && what.seen.items.length > 1,
      ),
    );
    const operations = history.operations.map((each) => {
      if (each !== read || each.what.kind === "write" || !("items" in each.what.seen)) return each;
      const [first, ...rest] = each.what.seen.items;
      const seen = { ...each.what.seen, items: [first, ...rest.slice(1)] } as Seen;
      return { ...each, what: { ...each.what, seen } };
    });
    return read && { ledger, history: { ...history, operations } };
  },
  "a move that is missing": ({ history, ledger }, pick) => {
    const move = pick([...ledger.moves]);
    const moves = new Set([...ledger.moves].filter((each) => each !== move));
    return move === null ? null : { history, ledger: { ...ledger, moves } };
  },
  "a skipped event": ({ history, ledger }, pick) => {
    const event = pick(history.deliveries);
    return (
      event && {
        ledger,
        history: { ...history, deliveries: history.deliveries.filter((each) => each !== event) },
      }
    );
  },
  "an event that came too early": ({ history, ledger }, pick) => {
    const event = pick(history.deliveries.slice(1));
    return event && { ledger, history: { ...history, deliveries: [event, ...history.deliveries] } };
  },
  "a log that a watcher missed": ({ history, ledger }, pick) => {
    const id = pick(history.watched.flatMap(({ logIds }) => logIds));
    const watched = history.watched.map((each) => ({
      ...each,
      logIds: each.logIds.filter((other) => other !== id),
    }));
    return id === null ? null : { ledger, history: { ...history, watched } };
  },
  "a wrong volume": ({ history, ledger }, pick) => {
    const key = pick([...ledger.volumes.keys()]);
    const wrong = { input: 10_000n, output: 10_000n };
    return key === null
      ? null
      : { history, ledger: { ...ledger, volumes: new Map(ledger.volumes).set(key, wrong) } };
  },
  "a log that was changed": ({ history, ledger }, pick) => {
    const log = pick(ledger.logs);
    const logs = ledger.logs.map((each) =>
      each === log ? { ...each, date: "2026-01-02T00:00:00Z" } : each,
    );
    return log && { history, ledger: { ...ledger, logs } };
  },
  "a mapping that is lost": ({ history, ledger }, pick) => {
    const places = history.operations.map((each) => mappingOf({ history, ledger }, each));
    const lost = pick(places.filter((place) => place >= 0));
    const mappings = ledger.mappings.filter((_, place) => place !== lost);
    return lost === null ? null : { history, ledger: { ...ledger, mappings } };
  },
  "swapped mappings": ({ history, ledger }, pick) => {
    const done = history.operations
      .map((each) => ({ ...each, place: mappingOf({ history, ledger }, each) }))
      .filter(({ place }) => place >= 0);
    const pair = pick(
      done.flatMap((later) =>
        done.filter(({ end }) => end < later.begin).map((earlier) => [earlier, later] as const),
      ),
    );
    if (pair === null) return null;
    const [one, other] = pair.map(({ place }) => ledger.mappings[place]?.contracts ?? "");
    const mappings = ledger.mappings.map(({ event, contracts }) => ({
      event,
      contracts: (contracts === one ? other : contracts === other ? one : contracts) ?? "",
    }));
    return { history, ledger: { ...ledger, mappings } };
  },
  "a key that was dropped": ({ history, ledger }, pick) => {
    const key = pick(ledger.keys);
    return (
      key && { history, ledger: { ...ledger, keys: ledger.keys.filter((each) => each !== key) } }
    );
  },
};

test.each(Object.entries(FAULTS))("%s is always found", (_name, fault) => {
  fc.assert(
    fc.property(sound, fc.nat(), (simulated, chance) => {
      const broken = fault(simulated, (choices) => choices[chance % choices.length] ?? null);
      fc.pre(broken !== null);
      expect(judge(broken.history, [broken.ledger])).not.toEqual([]);
    }),
    { numRuns: 100 },
  );
});
