import type { Connection } from "../../db/database.js";
import { formatInstant, type Micros } from "../../lib/time.js";
import { type OutboxEvent, outboxJson } from "../domain/outbox.js";

/** What a commit has to tell. */
export interface OutboxRow {
  /** Id of the ledger. */
  readonly ledger: number;
  /** Number of the first event. */
  readonly firstEvent: bigint;
  readonly date: Micros;
  /** At least one. */
  readonly events: readonly OutboxEvent[];
}

export const saveOutbox = (
  connection: Connection,
  { ledger, firstEvent, date, events }: OutboxRow,
): Promise<unknown> =>
  connection.query({
    name: "save_outbox",
    text: "insert into outbox (ledger, id, date, events) values ($1, $2, $3, $4)",
    values: [ledger, firstEvent, formatInstant(date), outboxJson(events)],
  });
