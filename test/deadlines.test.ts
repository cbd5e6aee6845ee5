import { expect, test } from "vitest";
import { LedgerService } from "../gen/florin/ledger/v1/ledger_pb.js";
import { startTestApp } from "./support/app.js";
import { rpcWires } from "./support/rpcs.js";

const { createTransaction, watchLogs } = LedgerService.method;

/** As long as the protocols can say: 11,415 years, and 115 days. */
const LONGEST = { "grpc-timeout": "99999999H", "connect-timeout-ms": "9999999999" };

const ledger = "main";
const transaction = {
  postings: [{ source: "world", destination: "users:1", asset: "USD/2", amount: "1" }],
};

async function* only<T>(request: T): AsyncGenerator<T> {
  yield request;
}

test("a deadline that is further away than any timer can wait for ends neither call nor stream", async () => {
  const { url, token } = await startTestApp();
  const headers = { ...LONGEST, authorization: `Bearer ${await token()}` };
  for (const [name, wire] of Object.entries(rpcWires(url))) {
    const pay = () =>
      wire.unary(createTransaction, undefined, undefined, headers, { ledger, transaction });
    await pay();
    const done = new AbortController();
    const stream = await wire.stream(watchLogs, done.signal, undefined, headers, only({ ledger }));
    const logs = stream.message[Symbol.asyncIterator]();
    expect((await logs.next()).value.log.id, name).toBe(0n);
    const { message } = await pay();
    const newest = message.data[0]?.txid;
    for (let log = await logs.next(); log.value.log.id !== newest; log = await logs.next());
    done.abort();
    await logs.next().catch(() => {});
  }
});
