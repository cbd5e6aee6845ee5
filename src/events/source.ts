import type { Message } from "./message.js";

/** A ledger, as events know it; or the payments, which have a stream as a ledger has. */
export interface Stream {
  readonly id: number;
  readonly name: string;
}

/** A place in a stream's outbox. */
export interface Place {
  /** The row that comes next: the number of its first event. */
  readonly row: bigint;
  /** How many events of that row are behind already. */
  readonly sent: number;
}

/** An event that is to be sent. */
export interface Pending {
  /** 0, 1, 2, … in its stream, in order; some numbers may never be sent. */
  readonly number: bigint;
  readonly message: Message;
  /** Where the stream goes on after it. */
  readonly after: Place;
}

/** Reads what is committed from a place on, a few events at a time, until there is no more. It holds only those. */
export type Source = (stream: Stream, from: Place) => AsyncIterable<readonly Pending[]>;
