import type { Db } from "../../db/database.js";
import type { Message } from "../../events/message.js";
import type { Stream } from "../../events/source.js";
import { formatInstant } from "../../lib/time.js";
import type { Log } from "../domain/log.js";
import type { OutboxEvent } from "../domain/outbox.js";
import type { Transaction } from "../domain/transaction.js";
import { readTransaction } from "../store/transactions.js";
import { createLogReader } from "./logReader.js";
import type { OutboxRow } from "./outboxRows.js";
import { committedJson, revertedJson, savedMetadataJson, updatedMappingJson } from "./payload.js";

/** Makes the message of an event in a row; cheapest if asked for in order. The same event is always the same message. */
export function createTeller(db: Db, { id, name }: Stream) {
  const readLogs = createLogReader(db, id);

  async function payloadOf(event: OutboxEvent): Promise<string> {
    switch (event[0]) {
      case "C":
        return committedJson(name, (await readLogs(event[1], event[2])).map(transactionOf));
      case "M": {
        const [log] = await readLogs(event[1], event[1]);
        return savedMetadataJson(name, metadataOf(log));
      }
      case "R": {
        const [log] = await readLogs(event[1] - 1n, event[1] - 1n);
        const reverted = await readTransaction(db, id, event[2]);
        if (reverted === null) throw new RangeError(`ledger ${id} has no transaction ${event[2]}`);
        return revertedJson(name, {
          reverted: { ...reverted, metadata: event[3] },
          reverting: transactionOf(log),
        });
      }
      case "U":
        return updatedMappingJson(name, event[1]);
    }
  }

  return async (row: OutboxRow, index: number): Promise<Message> => {
    const event = row.events[index];
    if (event === undefined) throw new RangeError(`outbox row ${row.id} has no event ${index}`);
    const type = TYPES[event[0]];
    // An update of the mapping has no log: its number says which it is.
    const origin = event[0] === "U" ? `m${row.id + BigInt(index)}` : event[1];
    const payload = await payloadOf(event);
    return {
      id: `${name}:${origin}:${type}`,
      key: name,
      type,
      body: `{"date":"${formatInstant(row.date)}","app":"ledger","version":"v1","type":"${type}","payload":${payload}}`,
    };
  };
}

/** Events as consumers know them. */
const TYPES: Readonly<Record<OutboxEvent[0], string>> = {
  C: "COMMITTED_TRANSACTIONS",
  M: "SAVED_METADATA",
  R: "REVERTED_TRANSACTION",
  U: "UPDATED_MAPPING",
};

function transactionOf(log: Log | undefined): Transaction {
  if (log?.entry.type === "NEW_TRANSACTION") return log.entry.transaction;
  throw new RangeError(`log ${log?.id} is not of a transaction`);
}

function metadataOf(log: Log | undefined) {
  if (log?.entry.type === "SET_METADATA") return log.entry;
  throw new RangeError(`log ${log?.id} is not of metadata`);
}
