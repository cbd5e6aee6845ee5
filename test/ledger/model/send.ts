import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema } from "../../../gen/google/rpc/error_details_pb.js";
import type { LedgerClient } from "../client.js";
import { ASSET, type Draft, type Operation, type Payment } from "./model.js";

/** What a client learns: it was done, it was refused with this code, or nobody can tell. */
export type Answer = "done" | "unknown" | (string & {});

/** Sends `operation`, which marks what it writes with `key`, and is safe to repeat under it if `isKeyed`. */
export async function send(
  client: LedgerClient,
  ledger: string,
  operation: Operation,
  key: string,
  isKeyed = true,
): Promise<Answer> {
  try {
    await call(client, { ledger, idempotencyKey: isKeyed ? key : "" }, operation, key);
    return "done";
  } catch (error) {
    const { code, ...rest } = ConnectError.from(error);
    if (code === Code.Unavailable || code === Code.Unknown || code === Code.Internal) {
      return "unknown";
    }
    const [info] = ConnectError.from(error).findDetails(ErrorInfoSchema);
    return info?.metadata["errorCode"] ?? JSON.stringify(rest);
  }
}

function call(
  client: LedgerClient,
  common: { ledger: string; idempotencyKey: string },
  operation: Operation,
  key: string,
): Promise<unknown> {
  switch (operation.kind) {
    case "create": {
      const transactions = operation.transactions.map((draft) => toTransaction(draft, key));
      const [only] = transactions;
      return transactions.length === 1 && only
        ? client.createTransaction({ ...common, transaction: only })
        : client.createTransactions({ ...common, transactions });
    }
    case "script": {
      const script = { plain: toScript(operation) };
      return client.createTransaction({ ...common, transaction: { script, metadata: { key } } });
    }
    case "redirected": {
      const script = { plain: toRedirection(operation.amount) };
      return client.createTransaction({ ...common, transaction: { script, metadata: { key } } });
    }
    case "note": {
      const metadata = { key, to: operation.to };
      return client.addMetadataToAccount({ ...common, address: "noted", metadata });
    }
    case "revert":
      return client.revertTransaction({ ...common, txid: BigInt(operation.txid) });
    case "annotate": {
      const metadata = { key, value: operation.value };
      return client.addMetadataToAccount({ ...common, address: operation.account, metadata });
    }
    case "map": {
      const contracts = operation.limits.map(({ part, least }) => ({
        account: part,
        expr: `{"$gte": ["$balance", ${least}]}`,
      }));
      return client.updateMapping({ ...common, mapping: { contracts } });
    }
  }
}

function toRedirection(amount: bigint): string {
  const [source, destination] = amount < 0n ? ["$to", "@shop"] : ["@world", "$to"];
  return `vars { account $to = meta(@noted, "to") }
send [${ASSET} ${amount < 0n ? -amount : amount}] ( source = ${source}\n destination = ${destination} )`;
}

const toTransaction = ({ postings, reference }: Draft, key: string) => ({
  postings: postings.map((posting) => ({ ...posting, amount: String(posting.amount) })),
  reference,
  metadata: { key },
});

function toScript({ amount, sources, overdraft, destinations }: Payment): string {
  const lines = sources.map((source, index) => {
    const isOverdrawn = overdraft > 0n && source !== "world" && index === sources.length - 1;
    return isOverdrawn
      ? `@${source} allowing overdraft up to [${ASSET} ${overdraft}]`
      : `@${source}`;
  });
  const [one, other] = destinations;
  return `send [${ASSET} ${amount}] (
  source = { ${lines.join("\n")} }
  destination = { 1/3 to @${one}\n remaining to @${other} }
)`;
}
