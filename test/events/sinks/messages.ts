import { expect } from "vitest";
import type { Message, Sink } from "../../../src/events/message.js";

/** Messages of `ledger`, numbered from `first`. */
export const messagesOf = (ledger: string, count: number, first = 0): Message[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `${ledger}:${first + index}:COMMITTED_TRANSACTIONS`,
    key: ledger,
    type: "COMMITTED_TRANSACTIONS",
    body: JSON.stringify({ number: first + index }),
  }));

export const idsOf = (messages: readonly { readonly id: string }[]): string[] =>
  messages.map(({ id }) => id);

/** Why `sink` did not take `messages`. */
export const failureOf = (sink: Sink, messages: readonly Message[]): Promise<Error> =>
  sink.publish(messages).then(
    () => expect.unreachable("it was published"),
    (error) => error,
  );
