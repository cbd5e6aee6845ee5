import type { Json } from "../../../lib/parseJson.js";
import { formatInstant, type Micros } from "../../../lib/time.js";
import { isObject, numberAt } from "../json.js";
import { idAt } from "./idAt.js";

/** How far an account's balance transactions are known. Ids are "" and dates null as long as there are none. */
export interface Timeline {
  readonly oldestID: string;
  readonly oldestDate: string | null;
  readonly moreRecentID: string;
  readonly moreRecentDate: string | null;
  readonly noMoreHistory: boolean;
  /** The newest that has settled, "" if none has; absent: it is the most recent one. */
  readonly settledID?: string;
  /** Payouts whose end is not known yet, by the ids of their balance transactions; absent: none. */
  readonly openPayouts?: readonly string[];
}

/**
 * Stripe may list a transaction some seconds after it dated it, behind others that are newer. Behind one of this age
 * there comes none any more: it has settled.
 */
const SETTLING_SECONDS = 300n;

/** Nothing is known but which payouts are open. */
export const anew = (known: Timeline | undefined): Timeline =>
  withOpen(
    {
      ...{ oldestID: "", oldestDate: null, moreRecentID: "", moreRecentDate: null },
      noMoreHistory: false,
    },
    openIn(known),
  );

/** From where on what is new is asked for; "" if there is no such place. */
export const anchorOf = ({ settledID, moreRecentID }: Timeline): string =>
  settledID ?? moreRecentID;

/** After a page of what lies before the oldest that is known. */
export function extended(timeline: Timeline, items: readonly Json[], now: Micros): Timeline {
  const places = placesIn(items);
  const [first, last] = [places.at(0), places.at(-1)];
  return withSettled({
    ...timeline,
    ...(last && { oldestID: last.id, oldestDate: dateOf(last) }),
    ...(first && !timeline.moreRecentID && newest(first)),
    settledID: anchorOf(timeline) || settledIn(places, now),
  });
}

/** After a page of what is newer than the anchor. */
export function advanced(timeline: Timeline, items: readonly Json[], now: Micros): Timeline {
  const places = placesIn(items);
  const [first] = places;
  return withSettled({
    ...timeline,
    ...(first && newest(first)),
    settledID: settledIn(places, now) || anchorOf(timeline),
  });
}

export const openIn = (timeline: Timeline | undefined): readonly string[] =>
  timeline?.openPayouts ?? [];

export function withOpen(
  { openPayouts: _, ...timeline }: Timeline,
  open: readonly string[],
): Timeline {
  const openPayouts = [...new Set(open)];
  return openPayouts.length > 0 ? { ...timeline, openPayouts } : timeline;
}

function withSettled({ settledID, ...timeline }: Timeline): Timeline {
  return settledID === undefined || settledID === timeline.moreRecentID
    ? timeline
    : { ...timeline, settledID };
}

interface Place {
  readonly id: string;
  /** As Stripe has it, in seconds; null if it is no good. */
  readonly created: bigint | null;
}

/** Of those of `items` that can be named, in their order. */
export const placesIn = (items: readonly Json[]): Place[] =>
  items.filter(isObject).flatMap((item) => {
    const [id, created] = [idAt(item, "id"), numberAt(item, "created")];
    return id ? [{ id, created: /^\d{1,11}$/.test(created) ? BigInt(created) : null }] : [];
  });

const settledIn = (places: readonly Place[], now: Micros): string =>
  places.find(({ created }) => created !== null && created + SETTLING_SECONDS <= now / 1_000_000n)
    ?.id ?? "";

const newest = (place: Place) => ({ moreRecentID: place.id, moreRecentDate: dateOf(place) });

const dateOf = ({ created }: Place): string | null =>
  created === null ? null : formatInstant(created * 1_000_000n);
