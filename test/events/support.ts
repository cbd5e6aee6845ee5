import { Registry } from "prom-client";
import { onTestFinished } from "vitest";
import type { Db } from "../../src/db/database.js";
import { createEventMetrics } from "../../src/events/eventMetrics.js";
import { Deferred, type Message, Rejected, type Sink } from "../../src/events/message.js";
import type { Outlet } from "../../src/events/outlet.js";
import { type PublisherOptions, startPublisher } from "../../src/events/publisher.js";
import { ledgerEvents } from "../../src/ledger/events/ledgerEvents.js";
import type { Ledger } from "../../src/ledger/ledger.js";
import { keptLogger } from "../support/evidence.js";

/** What a sink does with a message: takes it, or fails. */
type Verdict = "take" | "defer" | "reject";

export interface MemorySink extends Sink {
  /** All that was taken, in order, repeated ones too. */
  readonly taken: Message[];
  /** Messages that the publisher has handed over and has no answer for. */
  readonly held: readonly Message[];
  /** Ids of `taken`, each once, in the order in which they came first; of one ledger. */
  idsOf(ledger: string): string[];
}

/** A sink that keeps what it is given. Before each message it waits for the verdict of `judge`, unless it is closed. */
export function memorySink(
  name: string,
  judge: (message: Message) => Verdict | Promise<Verdict> = () => "take",
): MemorySink {
  const taken: Message[] = [];
  let cutShort = () => {};
  const closed = new Promise<Verdict>((resolve) => {
    cutShort = () => resolve("defer");
  });
  let held: readonly Message[] = [];
  return {
    name,
    taken,
    get held() {
      return held;
    },
    idsOf: (ledger) => [...new Set(taken.filter(({ key }) => key === ledger).map(({ id }) => id))],
    async publish(messages) {
      held = messages;
      for (const [delivered, message] of messages.entries()) {
        const verdict = await Promise.race([judge(message), closed]);
        if (verdict === "reject") throw new Rejected(message.id, "not for me");
        if (verdict === "defer") throw new Deferred("not now", { delivered });
        taken.push(message);
      }
      held = [];
    },
    async close() {
      cutShort();
    },
  };
}

/** A sink, tried again at once and for ever. */
export const outletOf = (sink: Sink, patience: Partial<Outlet> = {}): Outlet => ({
  sink,
  maxAttempts: Number.POSITIVE_INFINITY,
  maxWaitMs: 1,
  ...patience,
});

/** A publisher, as a process has one. It is stopped when the test is over. */
export async function publisherOf(
  db: Db,
  outlets: readonly Outlet[],
  options: Partial<PublisherOptions> = {},
) {
  const registry = new Registry();
  const publisher = await startPublisher({
    db,
    logger: keptLogger(),
    source: ledgerEvents(db),
    outlets,
    metrics: createEventMetrics(registry, db, outlets),
    pollMs: 10,
    ...options,
  });
  onTestFinished(() => publisher.stop());
  return { ...publisher, registry };
}

/** The ids of all events of a ledger to which only single transactions were written. */
export async function committedIds({ db, idOf }: Ledger, name: string): Promise<string[]> {
  const ids: bigint[] = await db("logs")
    .where({ ledger: await idOf(name) })
    .orderBy("id")
    .pluck("id");
  return ids.map((id) => `${name}:${id}:COMMITTED_TRANSACTIONS`);
}
