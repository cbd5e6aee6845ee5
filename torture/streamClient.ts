import { setTimeout as sleep } from "node:timers/promises";
import type { Answer } from "./answer.js";
import { chooseServer, type Field, note } from "./field.js";
import { streamTransactions, withKey } from "./grpc.js";
import type { Operation } from "./history.js";
import { acknowledge, type Knowledge, type PlannedWrite } from "./knowledge.js";
import type { Random } from "./random.js";
import { planTransaction } from "./writes.js";

export interface StreamClientOptions {
  readonly client: number;
  readonly random: Random;
  /** When it starts nothing more. */
  readonly until: number;
}

const MOST_AT_ONCE = 30;

/**
 * Sends many transactions at once over a stream, then over the next one; first what had no answer before, where an
 * idempotency key makes that safe.
 */
export async function runStreamClient(
  field: Field,
  { client, random, until }: StreamClientOptions,
): Promise<void> {
  let count = 0;
  const unanswered = new Map<Knowledge, PlannedWrite[]>();
  while (performance.now() < until) {
    const known = random.pick(field.ledgers);
    const fresh = Array.from({ length: random.between(1, MOST_AT_ONCE) }, () =>
      planTransaction(random, known, `s${client}n${count++}`),
    );
    const lost = await send(known, [...(unanswered.get(known) ?? []), ...fresh]);
    const repeatable = lost.filter(({ write }) => write.idempotencyKey !== undefined);
    unanswered.set(known, repeatable.slice(0, MOST_AT_ONCE));
    // A server that is away would be asked thousands of times.
    const isAway = lost.length >= fresh.length;
    await sleep(random.between(0, 400) + (isAway ? 400 : 0));
  }

  /** Answers which of `all` had no answer. */
  async function send(known: Knowledge, all: readonly PlannedWrite[]): Promise<PlannedWrite[]> {
    const server = chooseServer(field, known, random);
    const sent = { client, server: server.index, ledger: known.ledger, begin: performance.now() };
    const keep = (planned: PlannedWrite, answer: Answer): Operation["outcome"] => {
      note(field, { ...sent, answer, what: acknowledge(known, planned, answer) });
      return answer.outcome;
    };
    const lost: PlannedWrite[] = [];
    let answered = 0;
    const broken = await streamTransactions({
      port: server.port,
      token: field.token,
      timeoutMs: random.between(2_000, 8_000),
      messages: all.map(({ call, write }) => withKey(call.message, write.idempotencyKey)),
      onAnswer(answer) {
        const planned = all[answered++];
        if (planned !== undefined && keep(planned, answer) === "unknown") lost.push(planned);
      },
    });
    for (const planned of all.slice(answered)) {
      keep(planned, broken);
      lost.push(planned);
    }
    return lost;
  }
}
