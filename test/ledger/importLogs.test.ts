import { Code, createClient } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { LedgerService } from "../../gen/florin/ledger/v1/ledger_pb.js";
import type { Log } from "../../gen/florin/ledger/v1/log_pb.js";
import { rpcWires } from "../support/rpcs.js";
import { clientOf, refusal } from "./client.js";
import { busyLedger, each, exported, importing, type Message, readAll } from "./importing.js";
import { serveLedger, tokens } from "./serve.js";
import { testLedger, transaction } from "./support.js";

test("an import under another name or into another database reads like the original", async () => {
  const ledger = await busyLedger();
  const here = clientOf(ledger);
  const logs = await exported(here);
  const original = await readAll(here, "main");
  for (const client of [here, clientOf(await testLedger())]) {
    expect(await importing(client, "copy", logs)).toMatchObject({
      logs: 8n,
      transactions: 4n,
      lastHash: logs.at(-1)?.hash,
    });
    expect(await readAll(client, "copy")).toEqual(original);
    expect((await client.listLedgers({})).ledgers).toContain("copy");
  }
});

test("an imported ledger goes on where the original stood; its keys are free, and its history is no news", async () => {
  const ledger = await busyLedger();
  const client = clientOf(ledger);
  await importing(client, "copy", await exported(client));
  const posting = { source: "a", destination: "b", asset: "ETH/18", amount: "60" };
  const { data } = await client.createTransaction({
    ledger: "copy",
    transaction: { postings: [posting] },
    idempotencyKey: "k",
  });
  expect(data).toMatchObject([{ txid: 4n }]);
  const { rows: told } = await ledger.db.raw(
    "/* test */ select events from outbox join ledgers on ledgers.id = ledger where name = 'copy'",
  );
  expect(told).toEqual([{ events: '[["C",8,8]]' }]);
});

test("logs that name no actor are the caller's; the actors of the others stay", async () => {
  const ledger = await busyLedger();
  const logs = await exported(clientOf(ledger));
  if (logs[2]) logs[2].actor = "";
  const { verify } = tokens("importer");
  const { url } = await serveLedger(ledger, verify);
  const client = createClient(LedgerService, rpcWires(url).gRPC);
  await importing(client, "copy", logs, { authorization: "Bearer token" });
  const { cursor } = await clientOf(ledger).listLogs({ ledger: "copy", pageSize: 1000 });
  const actors = cursor?.data.map(({ actor }) => actor).reverse();
  const expected = logs.map(({ actor }) => actor || "importer");
  expect(actors).toEqual(expected);
  expect(expected.slice(1, 4)).toEqual(["tester", "importer", "tester"]);
});

test("a long history is taken in piece by piece", async () => {
  const ledger = await testLedger();
  for (let rest = 25; rest > 0; rest--) {
    const users = Array.from({ length: 100 }, (_, user) => `world > u:${user} ${rest} USD/2`);
    await Promise.all(users.map((text) => ledger.write("main", transaction(text))));
  }
  const client = clientOf(ledger);
  const original = await readAll(client, "main");
  expect(await importing(client, "copy", await exported(client))).toMatchObject({ logs: 2500n });
  expect(await readAll(client, "copy")).toEqual(original);
});

test("a message without a log, one for another ledger, and no message at all are refused", async () => {
  const client = clientOf(await busyLedger());
  const [first, second] = await exported(client);
  const told = (...messages: Message[]) => refusal(client.importLogs(each(messages)));
  const log = first as Log;
  expect(await told({ ledger: "copy", log }, { ledger: "copy" })).toMatchObject({
    message: "log 1: it is not there",
  });
  expect(await told({ ledger: "copy", log }, { ledger: "main", log: second as Log })).toMatchObject(
    { message: "log 1: it is for another ledger" },
  );
  expect(await told()).toMatchObject({ reason: "INVALID_LEDGER_NAME" });
  expect((await client.listLedgers({})).ledgers).toEqual(["main"]);
});

test("only a ledger that nobody has written to can be filled", async () => {
  const client = clientOf(await busyLedger());
  const logs = await exported(client);
  await client.updateMapping({ ledger: "mapped", mapping: { contracts: [] } });
  for (const ledger of ["main", "mapped"]) {
    expect(await refusal(importing(client, ledger, logs))).toMatchObject({
      code: Code.FailedPrecondition,
      reason: "LEDGER_NOT_EMPTY",
    });
  }
});

test.each(["gRPC", "gRPC-Web", "Connect"] as const)(
  "logs are imported over %s",
  async (protocol) => {
    const ledger = await busyLedger();
    const logs = await exported(clientOf(ledger));
    const { url } = await serveLedger(ledger);
    const client = createClient(LedgerService, rpcWires(url)[protocol]);
    expect(await importing(client, "copy", logs)).toMatchObject({ logs: 8n });
  },
);

test.each(["gRPC", "gRPC-Web", "Connect"] as const)(
  "nothing goes on for an import over %s that was refused unread",
  async (protocol) => {
    const ledger = await busyLedger();
    const logs = await exported(clientOf(ledger));
    const { verify } = tokens("importer");
    let looks = 0;
    const { url } = await serveLedger(ledger, (token) => {
      looks += 1;
      return verify(token);
    });
    const client = createClient(LedgerService, rpcWires(url)[protocol]);
    for (const name of ["main", "no name"]) {
      await refusal(importing(client, name, logs, { authorization: "Bearer token" }));
    }
    // While a stream goes on, its token is looked at every few milliseconds.
    await expect
      .poll(
        () => {
          const before = looks;
          looks = 0;
          return before;
        },
        { interval: 100 },
      )
      .toBe(0);
  },
);
