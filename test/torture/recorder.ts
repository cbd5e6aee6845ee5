import { refusalIn } from "../../torture/answer.js";
import type {
  Delivery,
  Effect,
  History,
  Operation,
  Read,
  Seen,
  Write,
} from "../../torture/history.js";
import { printTransactions } from "../../torture/shown.js";
import type { Receiver } from "../support/receiver.js";

/** Clients of servers, by REST, that remember what they did and were told. */
export interface Recorder {
  readonly operations: readonly Operation[];
  /** Answers whether it was acknowledged or refused, and not left open. */
  write(url: string, ledger: string, order: Order): Promise<boolean>;
  readAccount(url: string, ledger: string, address: string): Promise<void>;
}

/** A write: what it shall do, and the request that asks for it. */
export interface Order {
  readonly effects: readonly Effect[];
  readonly path: string;
  readonly body: unknown;
  /** Orders that share it are one write. */
  readonly marker: string;
  readonly key?: string;
  readonly isPreview?: boolean;
  /** If it sets the mapping: the name of the only contract. */
  readonly mapping?: string;
}

export function createRecorder(): Recorder {
  const operations: Operation[] = [];

  /** Asks, and remembers what `toWhat` makes of the answer. */
  async function record(
    request: { readonly url: string; readonly ledger: string; readonly path: string },
    init: RequestInit,
    toWhat: (answer: Answer | null) => Write | Read,
  ): Promise<Operation> {
    const { url, ledger, path } = request;
    const begin = performance.now();
    const answer = await ask(`${url}/api/ledger/${ledger}/${path}`, init).catch(() => null);
    const isOpen = answer === null || answer.status >= 500;
    const operation: Operation = {
      ...{ id: operations.length, client: 0, server: 0, ledger, begin },
      end: isOpen ? Number.POSITIVE_INFINITY : performance.now(),
      outcome: isOpen ? "unknown" : answer.status < 300 ? "ok" : "refused",
      status: String(answer?.status),
      what: toWhat(answer),
    };
    operations.push(operation);
    return operation;
  }

  return {
    operations,
    async write(url, ledger, { effects, path, body, marker, key, isPreview = false, mapping }) {
      const init = {
        method: mapping === undefined ? "POST" : "PUT",
        body: JSON.stringify(body),
        ...(key !== undefined && { headers: { "idempotency-key": key } }),
      };
      const write: Write = {
        ...{ kind: "write", marker, dryRun: isPreview, effects },
        ...(key !== undefined && { idempotencyKey: key }),
        ...(mapping !== undefined && { mapping }),
      };
      const operation = await record({ url, ledger, path }, init, (answer) => ({
        ...write,
        ...(answer && answer.status < 300 && { answer: toIds(answer) }),
        ...(answer && toRefusal(answer)),
      }));
      return operation.outcome !== "unknown";
    },
    async readAccount(url, ledger, address) {
      const path = `accounts/${address}`;
      await record({ url, ledger, path }, {}, (answer) => ({
        kind: "read",
        seen: answer?.status === 200 ? toSeen(address, answer) : { type: "nothing" },
      }));
    },
  };
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly data: unknown;
  readonly hit: boolean;
}

async function ask(url: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(30_000) });
  const text = await response.text();
  return {
    status: response.status,
    text,
    data: text === "" ? null : JSON.parse(text).data,
    hit: response.headers.get("idempotency-hit") === "true",
  };
}

function toRefusal({ status, text }: Answer): Pick<Write, "refusal"> {
  const outcome = status >= 400 && status < 500 ? "refused" : "ok";
  const refusal = refusalIn({ outcome, status: String(status), message: text });
  return refusal === undefined ? {} : { refusal };
}

const toIds = ({ data, hit }: Answer) => ({
  transactionIds: ([data ?? []].flat() as { txid: number }[]).map(({ txid }) => String(txid)),
  hit,
});

function toSeen(address: string, { data }: Answer): Seen {
  const { volumes } = data as { volumes: Record<string, { input: number; output: number }> };
  const seen = Object.entries(volumes).map(([asset, { input, output }]) => [
    asset,
    { input: BigInt(input), output: BigInt(output) },
  ]);
  return { type: "account", address, volumes: Object.fromEntries(seen) };
}

/** A payment in EUR/2 that is a write of its own. */
export function payment(
  marker: string,
  {
    from = "world",
    to,
    amount,
  }: { readonly from?: string; readonly to: string; readonly amount: number },
): Order {
  const posting = { source: from, destination: to, asset: "EUR/2" };
  return {
    effects: [{ type: "transaction", marker, postings: [{ ...posting, amount: BigInt(amount) }] }],
    path: "transactions",
    body: { postings: [{ ...posting, amount }], metadata: { torture: marker } },
    marker,
  };
}

/** Payments that are written together. */
export const batchOf = (marker: string, payments: readonly Order[]): Order => ({
  effects: payments.flatMap(({ effects }) => effects),
  path: "transactions/batch",
  body: { transactions: payments.map(({ body }) => body) },
  marker,
});

/** All that was recorded, when watchers have nothing to say. */
export const historyOf = ({ operations }: Recorder, receiver: Receiver): History => ({
  operations,
  watched: [],
  deliveries: receiver.deliveries.map(({ headers, body }): Delivery => {
    const { payload } = JSON.parse(body);
    const transactions: readonly { txid: number }[] = payload.transactions ?? [];
    return {
      ledger: payload.ledger,
      messageId: String(headers["webhook-id"]),
      transactionIds: transactions.map(({ txid }) => String(txid)),
      shown: printTransactions({ data: transactions }),
      at: 0,
    };
  }),
});
