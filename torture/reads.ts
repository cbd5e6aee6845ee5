import { ACCOUNTS } from "./accounts.js";
import type { Answer } from "./answer.js";
import { type Call, getAccount, getTransaction, listLogs, listTransactions } from "./calls.js";
import type { Seen } from "./history.js";
import type { Knowledge } from "./knowledge.js";
import type { Random } from "./random.js";

export interface PlannedRead {
  readonly call: Call;
  /** What the answer to it says. */
  see(answer: Answer): Seen;
}

const NOTHING: Seen = { type: "nothing" };

export function planRead(random: Random, { ledger, transactions }: Knowledge): PlannedRead {
  const kind = random.next();
  if (kind < 0.5) {
    const address = random.pick(["world", "fees", "credit", ...ACCOUNTS]);
    return { call: getAccount(ledger, address), see: seeAccount(address) };
  }
  if (kind < 0.7 && transactions.length > 0) {
    const id = random.pick(transactions);
    return { call: getTransaction(ledger, id), see: seeTransaction(id) };
  }
  return kind < 0.85
    ? { call: listTransactions(ledger, 1), see: seeNewestTransaction }
    : { call: listLogs(ledger, 1), see: seeNewestLog };
}

interface Volume {
  readonly input: string | number;
  readonly output: string | number;
}

const seeAccount =
  (address: string) =>
  ({ outcome, body }: Answer): Seen => {
    if (outcome !== "ok") return NOTHING;
    const { data } = body as { data: { volumes: Record<string, Volume> } };
    const volumes = Object.entries(data.volumes).map(
      ([asset, { input, output }]) =>
        [asset, { input: BigInt(input), output: BigInt(output) }] as const,
    );
    return { type: "account", address, volumes: Object.fromEntries(volumes) };
  };

const seeTransaction =
  (id: string) =>
  ({ outcome, status, body }: Answer): Seen => {
    if (status === "404" || status === "NOT_FOUND")
      return { type: "transaction", id, found: false };
    if (outcome !== "ok") return NOTHING;
    const { data } = body as { data: { metadata: Record<string, unknown> } };
    const marker = data.metadata["torture"];
    return {
      type: "transaction",
      id,
      found: true,
      reverted: "com.numary.spec/state/reverted" in data.metadata,
      ...(typeof marker === "string" && { marker }),
    };
  };

interface Page {
  readonly cursor: {
    readonly data: readonly { readonly txid?: string | number; readonly id?: string | number }[];
  };
}

const seeNewestTransaction = ({ outcome, body }: Answer): Seen => {
  if (outcome !== "ok") return NOTHING;
  const [newest] = (body as Page).cursor.data;
  return {
    type: "newest",
    lastTransactionId: newest === undefined ? null : String(newest.txid),
    lastLogId: undefined,
  };
};

const seeNewestLog = ({ outcome, body }: Answer): Seen => {
  if (outcome !== "ok") return NOTHING;
  const [newest] = (body as Page).cursor.data;
  return {
    type: "newest",
    lastTransactionId: undefined,
    lastLogId: newest === undefined ? null : String(newest.id),
  };
};
