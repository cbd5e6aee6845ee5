import { contractOf } from "../contract.js";
import { type Attempt, type Attribution, couldWrite, isAcknowledged } from "./attribute.js";
import { canonical } from "./canonical.js";
import { expectedEvents } from "./checkEvents.js";
import { type Bounds, checkOrder } from "./checkOrder.js";
import type { StoredLedger } from "./state.js";
import { type Violation, violation } from "./violation.js";

/**
 * Mappings have no logs. Acknowledged ones are stored once, refused ones not at all, the others at most once; as they were
 * asked, and in the order of time. No update that clients here ask for is to be refused.
 */
export function* checkMappings(
  { name, mappings }: StoredLedger,
  attempts: readonly Attempt[],
): Iterable<Violation> {
  const places = placesOf(mappings);
  const asked = new Set(attempts.map(contractsOf));
  for (const { event, contracts } of mappings) {
    if (!asked.has(contracts)) {
      yield violation("mapping", `${name}: nobody asked for the mapping of event ${event}`);
    }
  }
  const bounds: Bounds[] = [];
  for (const operation of attempts) {
    const wrong = (problem: string) =>
      violation("mapping", `${name}: ${operation.what.mapping} ${problem}`, [operation]);
    const [place, ...others] = places.get(contractsOf(operation)) ?? [];
    if (operation.what.refusal !== undefined) yield wrong("was refused");
    if (others.length > 0) yield wrong("is stored twice");
    if (place === undefined) {
      if (isAcknowledged(operation)) yield wrong("is not stored");
      continue;
    }
    if (!couldWrite(operation)) yield wrong("was refused, and is stored");
    bounds.push({ operation, least: isAcknowledged(operation) ? place + 1 : 0, most: place });
  }
  yield* checkOrder(`mappings of ${name}`, bounds);
}

/** How many logs there were when each mapping was written. */
export function* boundsOfMappings(
  ledger: StoredLedger,
  found: Attribution,
  attempts: readonly Attempt[],
): Iterable<Bounds> {
  const { mappings, logs } = ledger;
  const places = placesOf(mappings);
  const events = expectedEvents(ledger, found);
  for (const operation of attempts) {
    const [place] = places.get(contractsOf(operation)) ?? [];
    if (place === undefined) continue;
    // All before it that were no mappings.
    const next = events[Number(mappings[place]?.event) - place];
    const count = next?.position ?? logs.length;
    yield { operation, least: isAcknowledged(operation) ? count : 0, most: count };
  }
}

const contractsOf = ({ what }: Attempt): string => canonical([contractOf(what.mapping ?? "")]);

/** Where among all mappings those are that say the same. */
function placesOf(mappings: StoredLedger["mappings"]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (const [place, { contracts }] of mappings.entries()) {
    places.set(contracts, [...(places.get(contracts) ?? []), place]);
  }
  return places;
}
