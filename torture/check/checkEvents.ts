import type { Delivery, Watched } from "../history.js";
import { type Attribution, REVERTED } from "./attribute.js";
import { printStored } from "./printStored.js";
import type { StoredLedger } from "./state.js";
import { type Violation, violation } from "./violation.js";

/** Watchers were told every log once, in order. */
export function* checkWatched(
  { name, logs }: StoredLedger,
  all: readonly Watched[],
): Iterable<Violation> {
  for (const [watcher, { logIds }] of all.entries()) {
    const wrong = logIds.findIndex((id, index) => id !== String(logs[index]?.id));
    if (wrong >= 0) {
      yield violation(
        "watcher",
        `${name}: watcher ${watcher} was told log ${logIds[wrong]} as number ${wrong}`,
      );
    } else if (logIds.length < logs.length) {
      yield violation(
        "watcher",
        `${name}: watcher ${watcher} was told ${logIds.length} of ${logs.length} logs`,
      );
    }
  }
}

/** The sink was told every event, for the first time in the order of the logs, and of nothing else; nothing is left to tell. */
export function* checkEvents(
  ledger: StoredLedger,
  found: Attribution,
  deliveries: readonly Delivery[],
): Iterable<Violation> {
  const { name, head, untold, dead } = ledger;
  const expected = withMappings(expectedEvents(ledger, found), ledger);
  if (head.nextEvent !== BigInt(expected.length)) {
    yield violation(
      "event",
      `${name}: ${head.nextEvent} events are counted, not ${expected.length}`,
    );
  }
  if (untold > 0) yield violation("outbox", `${name}: ${untold} rows are left in the outbox`);
  for (const id of dead) yield violation("outbox", `${name}: ${id} is a dead letter`);

  const places = new Map(expected.map(({ messageId }, place) => [messageId, place]));
  const told = new Set<number>();
  let last = -1;
  for (const { messageId, transactionIds, shown } of deliveries) {
    const place = places.get(messageId);
    const event = expected[place ?? -1];
    if (place === undefined || event === undefined) {
      yield violation("event", `${name}: ${messageId} tells of what is not in the log`);
      continue;
    }
    if (event.transactionIds.join() !== transactionIds.join()) {
      yield violation("event", `${name}: ${messageId} tells of other transactions`);
    }
    if (shown && shown.join("\n") !== event.printed.join("\n")) {
      yield violation("event", `${name}: ${messageId} shows ${shown}, not ${event.printed}`);
    }
    if (told.has(place)) continue;
    told.add(place);
    if (place < last) yield violation("event", `${name}: ${messageId} was told after later ones`);
    last = Math.max(last, place);
  }
  for (const [place, { messageId }] of expected.entries()) {
    if (!told.has(place)) yield violation("event", `${name}: ${messageId} was never told`);
  }
}

interface Expected {
  readonly messageId: string;
  readonly transactionIds: readonly string[];
  readonly printed: readonly string[];
}

/** Mappings have their places among the events by their numbers. */
function withMappings(events: readonly Expected[], { name, mappings }: StoredLedger): Expected[] {
  const all = [...events];
  for (const { event } of mappings) {
    const messageId = `${name}:m${event}:UPDATED_MAPPING`;
    all.splice(Number(event), 0, { messageId, transactionIds: [], printed: [] });
  }
  return all;
}

interface ExpectedOfLogs extends Expected {
  /** Of its first log. */
  readonly position: number;
}

/** What the logs of `ledger` have to tell: one event for the transactions of a write, one for each log of metadata. */
export function expectedEvents(
  { name, logs }: StoredLedger,
  { owners }: Attribution,
): ExpectedOfLogs[] {
  const events: ExpectedOfLogs[] = [];
  let open: { transactionIds: string[]; printed: string[] } | null = null;
  for (const [position, log] of logs.entries()) {
    if (position === 0 || owners[position] !== owners[position - 1]) open = null;
    if (log.type === "metadata") {
      open = null;
      const type = REVERTED in log.metadata ? "REVERTED_TRANSACTION" : "SAVED_METADATA";
      events.push({
        messageId: `${name}:${log.id}:${type}`,
        transactionIds: [],
        printed: [],
        position,
      });
      continue;
    }
    if (open === null) {
      open = { transactionIds: [], printed: [] };
      events.push({ messageId: `${name}:${log.id}:COMMITTED_TRANSACTIONS`, ...open, position });
    }
    open.transactionIds.push(String(log.txid));
    open.printed.push(printStored(log));
  }
  return events;
}
