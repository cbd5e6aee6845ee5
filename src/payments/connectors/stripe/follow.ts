import type { Micros } from "../../../lib/time.js";
import { ProviderError } from "../connector.js";
import type { Cursor, StripeClient, StripePage } from "./client.js";
import { type Heard, readPage } from "./readPage.js";
import {
  advanced,
  anchorOf,
  anew,
  extended,
  openIn,
  placesIn,
  type Timeline,
  withOpen,
} from "./timeline.js";

export interface Step {
  readonly heard: Heard;
  readonly timeline: Timeline;
}

/**
 * What has happened on an account: first its history up to now, newest first, then what is newer than the newest that
 * has settled, then how payouts stand that were open. An account on which nothing has happened leaves no trace, so that
 * the next call begins anew. So does one where what we know is gone: test data can be deleted.
 */
export async function* follow(
  client: StripeClient,
  known: Timeline | undefined,
  now: Micros,
): AsyncGenerator<Step> {
  const begin = known && anchorOf(known) !== "" ? known : anew(known);
  const isLost = yield* goOn(client, begin, now);
  if (isLost && (yield* goOn(client, anew(known), now))) throw notOn();
}

/** Whether Stripe does not know the place from which to go on. */
async function* goOn(
  client: StripeClient,
  known: Timeline,
  now: Micros,
): AsyncGenerator<Step, boolean> {
  let timeline = known;
  const wereOpen = openIn(timeline);

  const take = async (items: StripePage["items"], moved: Timeline): Promise<Step> => {
    const heard = await readPage(client, items);
    timeline = withOpen(moved, [...openIn(timeline), ...heard.open]);
    return { heard, timeline };
  };

  while (!timeline.noMoreHistory) {
    const { oldestID } = timeline;
    const cursor: Cursor = oldestID
      ? { starting_after: oldestID }
      : { "created[lte]": String(now / 1_000_000n) };
    const page = await listOnwards(client, cursor, oldestID);
    if (page === null) return true;
    const { items, hasMore } = page;
    if (items.length === 0 && oldestID === "") return false;
    if (items.length === 0 && hasMore) {
      const heard = await readPage(client, []);
      // What is new does not wait for it.
      yield {
        heard: { ...heard, problems: [`there is more before ${oldestID}, but not what`] },
        timeline,
      };
      break;
    }
    yield take(items, { ...extended(timeline, items, now), noMoreHistory: !hasMore });
  }

  let anchor = anchorOf(timeline);
  for (let hasMore = anchor !== ""; hasMore; ) {
    const page = await listOnwards(client, { ending_before: anchor }, anchor);
    if (page === null) return true;
    const { items } = page;
    if (items.length > 0) yield take(items.toReversed(), advanced(timeline, items, now));
    anchor = placesIn(items).at(0)?.id ?? anchor;
    hasMore = page.hasMore && items.length > 0;
  }

  if (wereOpen.length > 0) {
    const { heard, ended } = await readAgain(client, wereOpen);
    const open = openIn(timeline).filter((id) => !ended.includes(id));
    timeline = withOpen(timeline, open);
    yield { heard, timeline };
  }
  return false;
}

/** A page, of which it is certain that the list goes on after it; null if Stripe does not know the anchor. */
async function listOnwards(
  client: StripeClient,
  cursor: Cursor,
  anchor: string,
): Promise<StripePage | null> {
  const page = await client.listTransactions(cursor);
  if (page === null || page.items.length === 0) return page;
  const places = placesIn(page.items);
  if (places.length === 0 || places.some(({ id }) => id === anchor)) throw notOn();
  return page;
}

const notOn = () => new ProviderError("GET /v1/balance_transactions: its pages do not go on");

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
