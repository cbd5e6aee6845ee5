import type { Json } from "../../../lib/parseJson.js";
import { formatInstant, type Micros } from "../../../lib/time.js";
import { ProviderError } from "../connector.js";
import type { Cursor, StripeClient, StripePage } from "./client.js";
import { isObject, numberAt, textAt } from "./fields.js";
import { type Heard, readPage } from "./readPage.js";

/** How far an account's balance transactions are known. Ids are "" and dates null as long as there are none. */
export interface Timeline {
  readonly oldestID: string;
  readonly oldestDate: string | null;
  readonly moreRecentID: string;
  readonly moreRecentDate: string | null;
  readonly noMoreHistory: boolean;
  /** Payouts whose end is not known yet, by the ids of their balance transactions; absent: none. */
  readonly openPayouts?: readonly string[];
}

export interface Step {
  readonly heard: Heard;
  readonly timeline: Timeline;
}

const NOTHING: Timeline = {
  ...{ oldestID: "", oldestDate: null, moreRecentID: "", moreRecentDate: null },
  noMoreHistory: false,
};

/**
 * What has happened on an account: first its history up to now, newest first, then what is newer than the newest that is
 * known, then how payouts stand that were open. An account on which nothing has happened leaves no trace, so that the
 * next call begins anew.
 */
export async function* follow(
  client: StripeClient,
  known: Timeline | undefined,
  now: Micros,
): AsyncGenerator<Step> {
  let timeline = known ?? NOTHING;
  const wereOpen = timeline.openPayouts ?? [];

  const take = async (items: readonly Json[], moved: Partial<Timeline>): Promise<Step> => {
    const heard = await readPage(client, items);
    timeline = withOpen({ ...timeline, ...moved }, [...openIn(timeline), ...heard.open]);
    return { heard, timeline };
  };

  while (!timeline.noMoreHistory) {
    const { oldestID } = timeline;
    const cursor: Cursor = oldestID
      ? { starting_after: oldestID }
      : { "created[lte]": String(now / 1_000_000n) };
    const { items, hasMore } = await listOnwards(client, cursor, oldestID);
    if (items.length === 0 && oldestID === "") return;
    const [first, last] = endsOf(items);
    yield take(items, {
      ...(last && { oldestID: last.id, oldestDate: last.date }),
      ...(first && !timeline.moreRecentID && newest(first)),
      noMoreHistory: !hasMore,
    });
  }

  for (let hasMore = true; hasMore; ) {
    const { moreRecentID } = timeline;
    const page = await listOnwards(client, { ending_before: moreRecentID }, moreRecentID);
    const [first] = endsOf(page.items);
    if (first) yield take(page.items.toReversed(), newest(first));
    hasMore = page.hasMore;
  }

  if (wereOpen.length > 0) {
    const { heard, ended } = await readAgain(client, wereOpen);
    const open = openIn(timeline).filter((id) => !ended.includes(id));
    timeline = withOpen(timeline, open);
    yield { heard, timeline };
  }
}

/** A page, of which it is certain that the list goes on after it. */
async function listOnwards(
  client: StripeClient,
  cursor: Cursor,
  anchor: string,
): Promise<StripePage> {
  const { items, hasMore } = await client.listTransactions(cursor);
  const ends = endsOf(items);
  if (items.length > 0 && (ends.length === 0 || ends.some(({ id }) => id === anchor)))
    throw new ProviderError("GET /v1/balance_transactions: its pages do not go on");
  return { items, hasMore: hasMore && items.length > 0 };
}

/** The first and the last of `items` that can be named; none if there is no such. */
function endsOf(items: readonly Json[]): { readonly id: string; readonly date: string | null }[] {
  const places = items.flatMap((item) => {
    const id = isObject(item) ? textAt(item, "id") : "";
    return isObject(item) && id ? [{ id, date: dateOf(numberAt(item, "created")) }] : [];
  });
  return [places.at(0), places.at(-1)].filter((place) => place !== undefined);
}

const newest = ({ id, date }: { readonly id: string; readonly date: string | null }) => ({
  ...{ moreRecentID: id, moreRecentDate: date },
});

const dateOf = (seconds: string): string | null =>
  /^\d{1,11}$/.test(seconds) ? formatInstant(BigInt(seconds) * 1_000_000n) : null;

const openIn = ({ openPayouts = [] }: Timeline): readonly string[] => openPayouts;

function withOpen({ openPayouts: _, ...timeline }: Timeline, open: readonly string[]): Timeline {
  const openPayouts = [...new Set(open)];
  return openPayouts.length > 0 ? { ...timeline, openPayouts } : timeline;
}

/** How payouts stand by now, and which of them need not be asked for any more. */
async function readAgain(
  client: StripeClient,
  ids: readonly string[],
): Promise<{ readonly heard: Heard; readonly ended: readonly string[] }> {
  const found = await Promise.all(ids.map((id) => client.findTransaction(id)));
  const gone = ids.filter((_, index) => found[index] === null);
  const heard = await readPage(
    client,
    found.filter((item) => item !== null),
  );
  heard.problems.push(...gone.map((id) => `${id}: it is gone`));
  const told = heard.payments.map(({ reference }) => reference);
  return { heard, ended: [...gone, ...told.filter((id) => !heard.open.includes(id))] };
}
