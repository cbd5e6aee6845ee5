import type { Answer } from "./answer.js";
import type { Call } from "./calls.js";
import type { Operation } from "./history.js";
import type { Knowledge } from "./knowledge.js";
import type { SendOptions } from "./rest.js";
import type { Server } from "./servers.js";

/** What clients share. */
export interface Field {
  readonly servers: readonly Server[];
  readonly ledgers: readonly Knowledge[];
  readonly token: string;
  /** All that was asked and answered, or not. */
  readonly operations: Operation[];
}

export interface Question extends Pick<Operation, "client" | "ledger"> {
  readonly server: Server;
  readonly send: (call: Call, options: SendOptions) => Promise<Answer>;
  readonly call: Call;
  readonly idempotencyKey: string | undefined;
  readonly timeoutMs: number;
  /** What the answer makes of it, for the history. */
  what(answer: Answer): Operation["what"];
}

/** Asks, and notes what came of it. */
export async function askOnce(field: Field, question: Question): Promise<Answer> {
  const { client, ledger, server, send, call, idempotencyKey, timeoutMs, what } = question;
  const begin = performance.now();
  const options = { port: server.port, token: field.token, idempotencyKey, timeoutMs };
  const answer = await send(call, options);
  const { outcome, status, message } = answer;
  field.operations.push({
    id: field.operations.length,
    client,
    server: server.index,
    ledger,
    begin,
    end: outcome === "unknown" ? Infinity : performance.now(),
    outcome,
    status: message === "" ? status : `${status} ${message.slice(0, 200)}`,
    what: what(answer),
  });
  return answer;
}

/** Numbers of the transactions that an answer shows: `data` is one, several, or absent. */
export function transactionIdsIn({ body }: Answer): string[] {
  const { data = [] } = (body ?? {}) as { data?: Shown | Shown[] };
  return [data].flat().map(({ txid }) => String(txid));
}

interface Shown {
  readonly txid: string | number;
}
