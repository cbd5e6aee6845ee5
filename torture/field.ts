import type { Answer } from "./answer.js";
import type { Call } from "./calls.js";
import type { Operation } from "./history.js";
import type { Knowledge } from "./knowledge.js";
import type { Random } from "./random.js";
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
  note(field, { client, server: server.index, ledger, begin, answer, what: what(answer) });
  return answer;
}

export type Noted = Pick<Operation, "client" | "server" | "ledger" | "begin" | "what"> & {
  readonly answer: Answer;
};

/** Adds to the history what was just answered, or will not be any more. */
export function note({ operations }: Field, { answer, ...asked }: Noted): void {
  const { outcome, status, message } = answer;
  operations.push({
    ...asked,
    id: operations.length,
    end: outcome === "unknown" ? Infinity : performance.now(),
    outcome,
    status: message === "" ? status : `${status} ${message.slice(0, 200)}`,
  });
}

/** Of ledgers that have a server of their own, this share of what is asked goes there. */
const AT_HOME = 0.8;

/** Whom to ask. Of the ledgers, the first is everybody's, each other one mostly a server's. */
export function chooseServer(
  { ledgers, servers }: Field,
  known: Knowledge,
  random: Random,
): Server {
  const home = ledgers.indexOf(known) - 1;
  const own = servers[home % servers.length];
  return own !== undefined && random.chance(AT_HOME) ? own : random.pick(servers);
}
