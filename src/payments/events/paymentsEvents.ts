import type { Db } from "../../db/database.js";
import type { Pending, Source, Stream } from "../../events/source.js";
import { formatInstant, type Micros } from "../../lib/time.js";
import type { PaymentsEvent } from "../domain/saved.js";
import { STREAM } from "../store/events.js";

/** The name of the payments' stream; no ledger may have it. */
export const PAYMENTS_STREAM = "_payments";

/** Whether `stream` is that of the payments. */
export const isOfPayments = ({ id }: Stream): boolean => id === STREAM;

/** The events of payments, a commit's at a time. They were written down as they are told. */
export const paymentsEvents = (db: Db): Source =>
  async function* ({ name }, from) {
    for (let next = from.row; ; ) {
      const row = await readRow(db, next);
      if (row === undefined) return;
      const sent = row.id === from.row ? from.sent : 0;
      const date = formatInstant(row.date);
      const events: readonly PaymentsEvent[] = JSON.parse(row.events);
      next = row.id + BigInt(events.length);
      const end = { row: next, sent: 0 };
      const pending = events.map(([type, payload], index): Pending => {
        const number = row.id + BigInt(index);
        const body = `{"date":"${date}","app":"payments","version":"v1","type":"${type}","payload":${payload}}`;
        const after = index === events.length - 1 ? end : { row: row.id, sent: index + 1 };
        return {
          number,
          message: { id: `${name}:${number}:${type}`, key: name, type, body },
          after,
        };
      });
      for (let start = sent; start < pending.length; start += MOST_EVENTS) {
        yield pending.slice(start, start + MOST_EVENTS);
      }
    }
  };

/** Events that are handed on together. */
const MOST_EVENTS = 100;

interface Row {
  readonly id: bigint;
  readonly date: Micros;
  readonly events: string;
}

const readRow = (db: Db, from: bigint): Promise<Row | undefined> =>
  db("outbox").where({ ledger: STREAM }).where("id", ">=", String(from)).orderBy("id").first();
