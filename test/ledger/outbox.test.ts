import { expect, test } from "vitest";
import { NO_MAPPING } from "../../src/ledger/domain/mapping.js";
import type { Metadata } from "../../src/ledger/domain/metadata.js";
import type { Ledger } from "../../src/ledger/ledger.js";
import { script } from "./scripts.js";
import { NOW, posting, request, testLedger, transaction } from "./support.js";

const outbox = (ledger: Ledger) =>
  ledger.db("outbox").select("id", "date", "events").where({ ledger: 1 }).orderBy("id");

const told = (id: bigint, events: unknown) => ({ id, date: NOW, events: JSON.stringify(events) });

test("each commit leaves one row that points at its logs, under the number of its first event", async () => {
  const ledger = await testLedger({ hasSinks: true });
  const each = { reference: null, metadata: {}, timestamp: null };
  await ledger.write("main", transaction("world > a 10 USD/2", { metadata: { made: 1 } }));
  await Promise.all([
    ledger.write(
      "main",
      request({
        kind: "create-transactions",
        transactions: ["a > b 1 USD/2", "a > b 2 USD/2"].map((text) => ({
          ...each,
          postings: [posting(text)],
        })),
      }),
    ),
    ledger.write("main", request({ kind: "update-mapping", mapping: NO_MAPPING })),
    ledger.write("main", transaction("world > b 1 USD/2")),
  ]);
  const metadata = { made: 2, noted: "x" };
  await ledger.write("main", request({ kind: "set-metadata", target: { txid: 0n }, metadata }));
  await ledger.write("main", request({ kind: "set-metadata", target: { account: "a" }, metadata }));
  expect(await outbox(ledger)).toEqual([
    told(0n, [["C", 0, 0]]),
    told(1n, [
      ["C", 1, 2],
      ["U", "[]"],
      ["C", 3, 3],
    ]),
    told(4n, [["M", 4]]),
    told(5n, [["M", 5]]),
  ]);
});

test("a revert tells of both its transactions, the reverted one's metadata being all that it has by then", async () => {
  const ledger = await testLedger({ hasSinks: true });
  const metadata = { stored: 1, changed: 1 };
  const change = (metadata: Metadata) =>
    ledger.write("main", request({ kind: "set-metadata", target: { txid: 0n }, metadata }));
  await ledger.write("main", transaction("world > a 10 USD/2", { metadata }));
  await change({ changed: 2, earlier: 1 });
  await Promise.all([
    change({ changed: 3 }),
    ledger.write("main", request({ kind: "revert-transaction", txid: 0n })),
  ]);
  const merged = {
    changed: 3,
    "com.numary.spec/state/reverted": { by: "1" },
    earlier: 1,
    stored: 1,
  };
  expect((await outbox(ledger)).at(-1)).toEqual(
    told(2n, [
      ["M", 2],
      ["C", 3, 3],
      ["R", 4, 0, merged],
    ]),
  );
});

test("a script tells of its transaction, then of each account's metadata", async () => {
  const ledger = await testLedger({ hasSinks: true });
  const text = `send [USD/2 1] (source = @world destination = @a)
    set_account_meta(@b, "k", 1)
    set_account_meta(@a, "k", 1)`;
  expect((await ledger.write("main", script(text))).ok).toBe(true);
  const events = [
    ["C", 0, 0],
    ["M", 1],
    ["M", 2],
  ];
  expect(await outbox(ledger)).toEqual([told(0n, events)]);
});

test("refusals, previews and repetitions tell nothing", async () => {
  const ledger = await testLedger({ hasSinks: true });
  const payment = transaction("world > a 1 USD/2", { key: "k" });
  await ledger.write("main", payment);
  await ledger.write("main", payment);
  await ledger.write("main", transaction("a > b 2 USD/2"));
  await ledger.write("main", transaction("a > b 1 USD/2", { isPreview: true }));
  expect(await outbox(ledger)).toHaveLength(1);
  expect(await ledger.db("ledgers").pluck("next_event")).toEqual([1n]);
});

test("where nobody listens, events are counted and not kept", async () => {
  const ledger = await testLedger();
  await ledger.write("main", transaction("world > a 1 USD/2"));
  await ledger.write("main", request({ kind: "revert-transaction", txid: 0n }));
  expect(await outbox(ledger)).toEqual([]);
  expect(await ledger.db("ledgers").pluck("next_event")).toEqual([3n]);
});
