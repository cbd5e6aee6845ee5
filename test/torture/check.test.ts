import { expect, test, vi } from "vitest";
import { check } from "../../torture/check.js";
import { contractOf } from "../../torture/contract.js";
import { startTestApp } from "../support/app.js";
import { startReceiver } from "../support/receiver.js";
import { batchOf, createRecorder, historyOf, type Order, payment } from "./recorder.js";

vi.setConfig({ testTimeout: 120_000 });

const SCRIPT = `send [EUR/2 7] (source = @world destination = @d)
set_tx_meta("torture", "scripted")
set_account_meta(@d, "color", "blue")`;

const COLOR = "red <&> \u2028 \b";

const colored = (target: string, value: string) =>
  ({ type: "setMetadata", target, key: "color", value }) as const;

/** A bit of everything, and what each is answered. */
const ORDERS: readonly (readonly [Order | string, status: string])[] = [
  [{ ...payment("first", { to: "a", amount: 100 }), key: "k" }, "200"],
  [
    batchOf("batch", [
      payment("b1", { from: "a", to: "b", amount: 30 }),
      payment("b2", { from: "a", to: "c", amount: 20 }),
    ]),
    "200",
  ],
  ["a", "200"],
  [{ ...payment("first", { to: "a", amount: 100 }), key: "k" }, "200"],
  [{ ...payment("other", { to: "a", amount: 1 }), key: "k" }, "400"],
  [
    {
      effects: [colored("a", COLOR)],
      path: "accounts/a/metadata",
      body: { color: COLOR },
      marker: "color",
    },
    "204",
  ],
  [
    {
      effects: [{ type: "revert", transactionId: "1" }],
      path: "transactions/1/revert",
      body: null,
      marker: "revert",
    },
    "200",
  ],
  [
    {
      ...payment("preview", { to: "a", amount: 1 }),
      path: "transactions?preview=true",
      isPreview: true,
    },
    "200",
  ],
  [payment("poor", { from: "c", to: "b", amount: 21 }), "400"],
  [
    {
      effects: [...payment("scripted", { to: "d", amount: 7 }).effects, colored("d", "blue")],
      path: "transactions",
      body: { script: { plain: SCRIPT } },
      marker: "scripted",
    },
    "200",
  ],
  ["d", "200"],
  [
    {
      effects: [],
      mapping: "mapping",
      path: "mapping",
      body: { contracts: [contractOf("mapping")] },
      marker: "mapping",
    },
    "200",
  ],
  [payment("last", { to: "a", amount: 1 }), "200"],
];

test("what a server does passes, and what is done to its database behind its back is found", async () => {
  const receiver = await startReceiver();
  const { url, db, databaseUrl } = await startTestApp({
    AUTH_ENABLED: "false",
    EVENTS_HTTP_URL: receiver.url,
    EVENTS_HTTP_SECRET: "a secret that signs events",
  });
  const recorder = createRecorder();
  for (const [order] of ORDERS) {
    if (typeof order === "string") await recorder.readAccount(url, "main", order);
    else await recorder.write(url, "main", order);
  }
  expect(recorder.operations.map(({ status }) => status)).toEqual(
    ORDERS.map(([, status]) => status),
  );
  const untold = () => db("outbox").where({ ledger: 1 }).pluck("id");
  await expect.poll(untold, { timeout: 10_000 }).toEqual([]);
  const history = historyOf(recorder, receiver);
  expect(await check(history, databaseUrl)).toEqual([]);

  const rules = async (statement: string): Promise<string[]> => {
    await db.raw(statement);
    const violations = await check(history, databaseUrl);
    return [...new Set(violations.map(({ rule }) => rule))];
  };
  // Each change is undone by the next statement: at the end the ledger is sound again.
  expect(
    await rules("update volumes set input = input + 1 where ledger = 1 and account = 1"),
  ).toEqual(["stored volumes", "conservation", "verification"]);
  expect(
    await rules(
      `update volumes set input = input - 1 where ledger = 1 and account = 1;
      update logs set date = date + interval '1 s' where ledger = 1 and id = 3`,
    ),
  ).toEqual(["hash chain", "verification"]);
  expect(
    await rules("update logs set date = date - interval '1 s' where ledger = 1 and id = 3"),
  ).toEqual([]);
  expect(await rules("update mappings set contracts = '[]' where ledger = 1")).toEqual(["mapping"]);
});
