import type { MessageInitShape } from "@bufbuild/protobuf";
import { expect } from "vitest";
import type { ImportLogsRequestSchema } from "../../gen/florin/ledger/v1/ledger_pb.js";
import type { Log } from "../../gen/florin/ledger/v1/log_pb.js";
import type { Ledger } from "../../src/ledger/ledger.js";
import type { LedgerClient } from "./client.js";
import { NOW, request, testLedger, transaction } from "./support.js";

export type Message = MessageInitShape<typeof ImportLogsRequestSchema>;

/** A ledger "main" with everything that leaves a log. */
export async function busyLedger(): Promise<Ledger> {
  const ledger = await testLedger({ hasSinks: true });
  const metadata = { a: 1e21, b: [-0, 0.1, "é\u2028<"], "": { z: null } };
  const write = async (...args: Parameters<typeof transaction>) => {
    expect(await ledger.write("main", transaction(...args))).toMatchObject({ ok: true });
  };
  await write("world > a 123456789012345678901234567890 ETH/18", { reference: "r", metadata });
  await write(["world > a 100 USD/2", "a > b:c-d 40 USD/2", "b:c-d > b:c-d 1 USD/2"], { key: "k" });
  for (const target of [{ account: "a" }, { account: "only:noted" }, { txid: 0n }]) {
    await ledger.write("main", request({ kind: "set-metadata", target, metadata }));
  }
  await ledger.write("main", request({ kind: "revert-transaction", txid: 1n }));
  await write("world > a 0 GEM", { timestamp: NOW + 1_234_567n, metadata: { last: true } });
  return ledger;
}

/** All logs of "main". */
export async function exported(client: LedgerClient): Promise<Log[]> {
  const { data } = await client.readStats({ ledger: "main" });
  expect(data?.transactions).toBeGreaterThan(0n);
  const { cursor } = await client.listLogs({ ledger: "main", pageSize: 1 });
  const last = cursor?.data[0]?.id ?? expect.unreachable("no logs");
  const logs: Log[] = [];
  for await (const { log } of client.watchLogs({ ledger: "main" })) {
    if (log) logs.push(log);
    if (log?.id === last) break;
  }
  return logs;
}

export async function* each(messages: Iterable<Message>): AsyncGenerator<Message> {
  yield* messages;
}

export const importing = (
  client: LedgerClient,
  ledger: string,
  logs: readonly Log[],
  headers: Record<string, string> = {},
) =>
  client.importLogs(each(logs.map((log, index) => (index === 0 ? { ledger, log } : { log }))), {
    headers,
  });

/** All that can be read of a ledger. */
export const readAll = async (client: LedgerClient, ledger: string) => ({
  logs: (await client.listLogs({ ledger, pageSize: 1000 })).cursor?.data,
  transactions: (await client.listTransactions({ ledger, pageSize: 1000 })).cursor?.data,
  accounts: (await client.listAccounts({ ledger, pageSize: 1000 })).cursor?.data,
  balances: (await client.getBalances({ ledger, pageSize: 1000 })).cursor?.data,
  sums: (await client.getBalancesAggregated({ ledger })).data,
  moves: (await client.listTransactions({ ledger, account: "b:.*" })).cursor?.data,
  stats: (await client.readStats({ ledger })).data,
});
