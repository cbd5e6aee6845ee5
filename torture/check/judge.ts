import type { Delivery, History, Operation, Read, Watched } from "../history.js";
import { type Attempt, attribute } from "./attribute.js";
import { checkBalanceReads } from "./checkBalanceReads.js";
import { checkBalances } from "./checkBalances.js";
import { checkEvents, checkWatched } from "./checkEvents.js";
import { checkKeys } from "./checkKeys.js";
import { checkLogs } from "./checkLogs.js";
import { boundsOfMappings, checkMappings } from "./checkMappings.js";
import { checkMoves } from "./checkMoves.js";
import { boundsOfWrites, checkOrder } from "./checkOrder.js";
import { boundsOfReads } from "./checkReads.js";
import { checkRefusals } from "./checkRefusals.js";
import { checkWrites } from "./checkWrites.js";
import { createMoments } from "./moments.js";
import type { StoredLedger } from "./state.js";
import { type Rule, type Violation, violation } from "./violation.js";

/** Holds what clients saw against what is stored when all is over. */
export function judge(history: History, stored: readonly StoredLedger[]): Violation[] {
  const seen = split(history);
  const ledgers = new Map(stored.map((ledger) => [ledger.name, ledger]));
  const names = new Set([...ledgers.keys(), ...seen.keys()]);
  return limit(
    [...names].flatMap((name) => [
      ...judgeLedger(ledgers.get(name) ?? emptyLedger(name), seen.get(name) ?? newPart()),
    ]),
  );
}

/** The part of a history that is about one ledger. */
interface Part {
  readonly writes: Attempt[];
  /** Writes that set the mapping. */
  readonly mappings: Attempt[];
  readonly reads: (Operation & { readonly what: Read })[];
  readonly watched: Watched[];
  readonly deliveries: Delivery[];
}

const newPart = (): Part => ({ writes: [], mappings: [], reads: [], watched: [], deliveries: [] });

function split({ operations, watched, deliveries }: History): Map<string, Part> {
  const parts = new Map<string, Part>();
  const partOf = (ledger: string): Part => {
    const part = parts.get(ledger) ?? newPart();
    parts.set(ledger, part);
    return part;
  };
  for (const operation of operations) {
    const { what, ledger } = operation;
    if (what.kind === "write") {
      const { writes, mappings } = partOf(ledger);
      (what.mapping === undefined ? writes : mappings).push({ ...operation, what });
    } else if (what.seen.type !== "nothing") {
      partOf(ledger).reads.push({ ...operation, what });
    }
  }
  for (const each of watched) partOf(each.ledger).watched.push(each);
  for (const each of deliveries) partOf(each.ledger).deliveries.push(each);
  return parts;
}

function* judgeLedger(
  ledger: StoredLedger,
  { writes, mappings, reads, watched, deliveries }: Part,
): Iterable<Violation> {
  const found = attribute(ledger, writes);
  yield* checkLogs(ledger);
  yield* checkWrites(ledger, found);
  yield* checkKeys(ledger, found);
  yield* checkMoves(ledger);
  const replayed = yield* checkBalances(ledger, found);
  const bounds = yield* boundsOfReads(ledger, found, replayed, reads);
  for (const each of boundsOfWrites(found, ledger.logs.length)) bounds.push(each);
  for (const each of boundsOfMappings(ledger, found, mappings)) bounds.push(each);
  yield* checkOrder(ledger.name, bounds);
  const momentsOf = createMoments(found, bounds, ledger.logs.length);
  yield* checkRefusals(ledger, found, replayed, momentsOf);
  yield* checkBalanceReads(ledger, replayed, momentsOf, reads);
  yield* checkMappings(ledger, mappings);
  yield* checkWatched(ledger, watched);
  yield* checkEvents(ledger, found, deliveries);
}

const emptyLedger = (name: string): StoredLedger => ({
  name,
  head: { nextTxid: 0n, nextLog: 0n, nextEvent: 0n, lastHash: null },
  logs: [],
  volumes: new Map(),
  metadata: new Map(),
  keys: [],
  moves: new Set(),
  mappings: [],
  untold: 0,
  dead: [],
});

const MOST_OF_A_RULE = 10;

/** One fault may break a rule a thousand times; ten show it. */
function limit(all: readonly Violation[]): Violation[] {
  const counts = new Map<Rule, number>();
  const shown = all.filter(({ rule }) => {
    const count = (counts.get(rule) ?? 0) + 1;
    counts.set(rule, count);
    return count <= MOST_OF_A_RULE;
  });
  for (const [rule, count] of counts) {
    if (count > MOST_OF_A_RULE) shown.push(violation(rule, `and ${count - MOST_OF_A_RULE} more`));
  }
  return shown;
}
