import { setTimeout as sleep } from "node:timers/promises";
import type { Answer } from "./answer.js";
import type { Call } from "./calls.js";
import { askOnce, chooseServer, type Field } from "./field.js";
import { sendGrpc } from "./grpc.js";
import type { Operation } from "./history.js";
import { acknowledge, type Knowledge, type PlannedWrite } from "./knowledge.js";
import type { Random } from "./random.js";
import { planRead } from "./reads.js";
import { sendRest } from "./rest.js";
import { abuseKey, planWrite } from "./writes.js";

export interface ClientOptions {
  readonly client: number;
  readonly random: Random;
  /** When it starts nothing more. */
  readonly until: number;
}

/** Share of operations that only look. */
const READS = 0.35;
const MOST_REPEATS = 5;

/** Asks for one thing after the other, and notes what came of it. */
export async function runClient(
  field: Field,
  { client, random, until }: ClientOptions,
): Promise<void> {
  let count = 0;
  while (performance.now() < until) {
    const known = random.pick(field.ledgers);
    if (random.chance(READS)) await read(known);
    else await write(known, planNext(known, `c${client}n${count++}`));
    await sleep(random.between(0, 40));
  }

  async function read(known: Knowledge): Promise<void> {
    const { call, see } = planRead(random, known);
    await ask(known, call, undefined, (answer) => ({ kind: "read", seen: see(answer) }));
  }

  function planNext(known: Knowledge, marker: string): PlannedWrite {
    const kind = random.next();
    if (known.keyed.length > 0 && kind < 0.12) {
      const earlier = random.pick(known.keyed);
      return kind < 0.08 ? earlier : abuseKey(random, known, earlier, marker);
    }
    return planWrite(random, known, marker);
  }

  /** As long as the outcome is unknown, a key makes it safe to ask again. Some give up sooner. */
  async function write(known: Knowledge, planned: PlannedWrite): Promise<void> {
    const key = planned.write.idempotencyKey;
    for (let attempt = 1; ; attempt++) {
      const { outcome } = await ask(known, planned.call, key, (answer) =>
        acknowledge(known, planned, answer),
      );
      if (outcome !== "unknown" || key === undefined || attempt === MOST_REPEATS) return;
      if (random.chance(0.15) || performance.now() > until) return;
    }
  }

  async function ask(
    known: Knowledge,
    call: Call,
    idempotencyKey: string | undefined,
    what: (answer: Answer) => Operation["what"],
  ): Promise<Answer> {
    const answer = await askOnce(field, {
      client,
      server: chooseServer(field, known, random),
      send: random.chance(0.5) ? sendRest : sendGrpc,
      timeoutMs: random.between(1_000, 8_000),
      ledger: known.ledger,
      call,
      idempotencyKey,
      what,
    });
    // A server that is away would be asked thousands of times.
    const isAway = answer.outcome === "unknown" || answer.status === "ECONNREFUSED";
    if (isAway) await sleep(random.between(50, 250));
    return answer;
  }
}
