import { expect, test } from "vitest";
import { LogType, TargetType } from "../../../gen/florin/ledger/v1/log_pb.js";
import { clientOf } from "../client.js";
import { NOW, posting, request, testLedger, transaction } from "../support.js";
import { allKeys, logs } from "./lists.js";

const date = (nanos: number, second = 0n) => ({ seconds: NOW / 1_000_000n + second, nanos });

test("logs say what was written, when and by whom, newest first", async () => {
  const ledger = await testLedger();
  const metadata = { note: "first" };
  await ledger.write(
    "main",
    transaction("world > a 5 USD/2", { reference: "one", metadata, timestamp: NOW + 123_456n }),
  );
  const targets = [{ account: "b" }, { txid: 0n }];
  for (const target of targets) {
    await ledger.write("main", request({ kind: "set-metadata", target, metadata: { n: 1 } }));
  }
  const { cursor } = await clientOf(ledger).listLogs({ ledger: "main" });
  const stored = await ledger.db("logs").where({ ledger: 1 }).orderBy("id", "desc").pluck("hash");
  const hashes = stored.map((hash: Buffer) => hash.toString("hex"));
  expect(cursor?.data).toMatchObject([
    {
      id: 2n,
      type: LogType.SET_METADATA,
      date: date(0),
      hash: hashes[0],
      actor: "tester",
      data: {
        data: {
          case: "setMetadata",
          value: {
            targetType: TargetType.TRANSACTION,
            targetId: { id: { case: "txid", value: 0n } },
            metadata: { n: 1 },
          },
        },
      },
    },
    {
      id: 1n,
      type: LogType.SET_METADATA,
      hash: hashes[1],
      data: {
        data: {
          case: "setMetadata",
          value: {
            targetType: TargetType.ACCOUNT,
            targetId: { id: { case: "address", value: "b" } },
            metadata: { n: 1 },
          },
        },
      },
    },
    {
      id: 0n,
      type: LogType.NEW_TRANSACTION,
      date: date(123_456_000),
      hash: hashes[2],
      actor: "tester",
      data: {
        data: {
          case: "newTransaction",
          // As it was made, whatever was set later.
          value: {
            txid: 0n,
            reference: "one",
            metadata,
            timestamp: date(123_456_000),
            postings: [{ ...posting("world > a 5 USD/2"), amount: "5" }],
          },
        },
      },
    },
  ]);
});

test("logs are listed from a time on, and up to a time", async () => {
  const ledger = await testLedger();
  for (const seconds of [0n, 10n, 20n]) {
    const timestamp = NOW + seconds * 1_000_000n;
    await ledger.write("main", transaction("world > a 1 USD/2", { timestamp }));
    // Of the time of writing, which is before.
    const target = { account: "a" };
    await ledger.write("main", request({ kind: "set-metadata", target, metadata: {} }));
  }
  const client = clientOf(ledger);
  expect(await allKeys(logs, client)).toEqual(["5", "4", "3", "2", "1", "0"]);
  expect(await allKeys(logs, client, { startTime: date(0, 10n) })).toEqual(["4", "2"]);
  expect(await allKeys(logs, client, { endTime: date(0, 10n) })).toEqual(["5", "3", "1", "0"]);
  const both = { startTime: date(1000), endTime: date(0, 20n) };
  expect(await allKeys(logs, client, both)).toEqual(["2"]);
  expect((await logs(client, { after: 4n, pageSize: 2 })).keys).toEqual(["3", "2"]);
});
