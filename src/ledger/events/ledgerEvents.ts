import type { Db } from "../../db/database.js";
import type { Pending, Source } from "../../events/source.js";
import { type OutboxRow, readOutboxRows } from "./outboxRows.js";
import { createTeller } from "./teller.js";

/** Events that are handed on together, and the size from which on no other joins them. */
const MOST_EVENTS = 100;
const MOST_CHARACTERS = 1024 * 1024;

/** The events of ledgers: from their outboxes, and from the logs that those point at. */
export const ledgerEvents = (db: Db): Source =>
  async function* (ledger, from) {
    const tell = createTeller(db, ledger);
    let chunk: Pending[] = [];
    let size = 0;
    for await (const row of outboxRows(db, ledger.id, from.row)) {
      const sent = row.id === from.row ? from.sent : 0;
      for (let index = sent; index < row.events.length; index++) {
        const message = await tell(row, index);
        chunk.push({ number: row.id + BigInt(index), message, after: placeAfter(row, index) });
        size += message.body.length;
        if (chunk.length < MOST_EVENTS && size < MOST_CHARACTERS) continue;
        yield chunk;
        chunk = [];
        size = 0;
      }
    }
    if (chunk.length > 0) yield chunk;
  };

async function* outboxRows(db: Db, ledger: number, from: bigint): AsyncGenerator<OutboxRow> {
  for (let next = from; ; ) {
    const rows = await readOutboxRows(db, ledger, next);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined) return;
    next = endOf(last);
  }
}

const endOf = ({ id, events }: OutboxRow): bigint => id + BigInt(events.length);

const placeAfter = (row: OutboxRow, index: number) =>
  index === row.events.length - 1 ? { row: endOf(row), sent: 0 } : { row: row.id, sent: index + 1 };
