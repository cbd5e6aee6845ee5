import { expect, test, vi } from "vitest";
import { check } from "../../torture/check.js";
import type { Delivery, Effect, History, Operation, Read, Write } from "../../torture/history.js";
import { startTestApp, type TestApp } from "../support/app.js";
import { startReceiver } from "../support/receiver.js";

vi.setConfig({ testTimeout: 120_000 });

/** A client that remembers what it did and was told. */
function recorder({ url }: TestApp) {
  const operations: Operation[] = [];
  const record = async (
    what: Write | Read["seen"]["type"],
    path: string,
    init: RequestInit = {},
  ) => {
    const begin = performance.now();
    const response = await fetch(`${url}/api/ledger/main/${path}`, init);
    const body = response.status === 204 ? null : await response.json();
    const place = { id: operations.length, client: 0, server: 0, ledger: "main" };
    return {
      ...{ ...place, begin, end: performance.now(), status: String(response.status) },
      outcome: response.ok ? ("ok" as const) : ("refused" as const),
      body,
      hit: response.headers.get("idempotency-hit") === "true",
      what,
    };
  };
  return {
    operations,
    async write(
      effects: readonly Effect[],
      path: string,
      body: unknown,
      more: Partial<Write> = {},
    ) {
      const marker = `m${operations.length}`;
      const write: Write = { kind: "write", marker, dryRun: false, effects, ...more };
      const { idempotencyKey: key } = write;
      const {
        body: answered,
        hit,
        ...operation
      } = await record(write, path, {
        method: "POST",
        body: JSON.stringify(body),
        ...(key !== undefined && { headers: { "idempotency-key": key } }),
      });
      const transactions = [(answered as { data?: unknown } | null)?.data ?? []].flat() as {
        txid: number;
      }[];
      const answer = { transactionIds: transactions.map(({ txid }) => String(txid)), hit };
      operations.push({
        ...operation,
        what: operation.outcome === "ok" ? { ...write, answer } : write,
      });
    },
    async readAccount(address: string) {
      const { body, hit: _hit, ...operation } = await record("account", `accounts/${address}`);
      const { volumes } = (
        body as { data: { volumes: Record<string, { input: number; output: number }> } }
      ).data;
      const seen = Object.entries(volumes).map(([asset, { input, output }]) => [
        asset,
        { input: BigInt(input), output: BigInt(output) },
      ]);
      const read: Read = {
        kind: "read",
        seen: { type: "account", address, volumes: Object.fromEntries(seen) },
      };
      operations.push({ ...operation, what: read });
    },
  };
}

const pay = (marker: string, source: string, destination: string, amount: number) => ({
  effect: {
    type: "transaction",
    marker,
    postings: [{ source, destination, asset: "EUR/2", amount: BigInt(amount) }],
  } satisfies Effect,
  body: {
    postings: [{ source, destination, asset: "EUR/2", amount }],
    metadata: { torture: marker },
  },
});

const SCRIPT = `send [EUR/2 7] (source = @world destination = @d)
set_tx_meta("torture", "scripted")
set_account_meta(@d, "color", "blue")`;

/** A bit of everything, one after the other, and what was told of it. */
async function tellStory(app: TestApp, told: () => readonly Delivery[]): Promise<History> {
  const { operations, write, readAccount } = recorder(app);
  const first = pay("first", "world", "a", 100);
  const keyed = { idempotencyKey: "k", marker: "first" };
  await write([first.effect], "transactions", first.body, keyed);
  const batch = [pay("b1", "a", "b", 30), pay("b2", "a", "c", 20)];
  const transactions = batch.map(({ body }) => body);
  await write(
    batch.map(({ effect }) => effect),
    "transactions/batch",
    { transactions },
  );
  await readAccount("a");
  await write([first.effect], "transactions", first.body, keyed);
  const other = pay("other", "world", "a", 1);
  await write([other.effect], "transactions", other.body, { idempotencyKey: "k" });
  await write(
    [{ type: "setMetadata", target: "a", key: "color", value: "red <&> \u2028 \b" }],
    "accounts/a/metadata",
    {
      color: "red <&> \u2028 \b",
    },
  );
  await write([{ type: "revert", transactionId: "1" }], "transactions/1/revert", null);
  const preview = pay("preview", "world", "a", 1);
  await write([preview.effect], "transactions?preview=true", preview.body, { dryRun: true });
  const poor = pay("poor", "c", "b", 21);
  await write([poor.effect], "transactions", poor.body);
  const scripted = pay("scripted", "world", "d", 7);
  const colored = { type: "setMetadata", target: "d", key: "color", value: "blue" } as const;
  await write([scripted.effect, colored], "transactions", { script: { plain: SCRIPT } });
  await readAccount("d");
  await expect
    .poll(() => app.db("outbox").where({ ledger: 1 }).pluck("id"), { timeout: 10_000 })
    .toEqual([]);
  const logIds = await app.db("logs").where({ ledger: 1 }).orderBy("id").pluck("id");
  const watched = [{ ledger: "main", logIds: logIds.map(String) }];
  expect(operations.map(({ status }) => status).join()).toBe(
    "200,200,200,200,400,204,200,200,400,200,200",
  );
  return { operations, watched, deliveries: told() };
}

async function startStory() {
  const receiver = await startReceiver();
  const app = await startTestApp({
    AUTH_ENABLED: "false",
    EVENTS_HTTP_URL: receiver.url,
    EVENTS_HTTP_SECRET: "a secret that signs events",
  });
  const told = () =>
    receiver.deliveries.map(({ headers, body }): Delivery => {
      const { payload } = JSON.parse(body);
      const transactions: { txid: number }[] = payload.transactions ?? [];
      return {
        ledger: payload.ledger,
        messageId: String(headers["webhook-id"]),
        transactionIds: transactions.map(({ txid }) => String(txid)),
        at: 0,
      };
    });
  return { app, history: await tellStory(app, told) };
}

test("what a server does passes, and what is done to its database behind its back is found", async () => {
  const { app, history } = await startStory();
  expect(await check(history, app.databaseUrl)).toEqual([]);

  const rules = async (statement: string): Promise<string[]> => {
    await app.db.raw(statement);
    const violations = await check(history, app.databaseUrl);
    return [...new Set(violations.map(({ rule }) => rule))];
  };
  // Each change is undone by the next statement: at the end the ledger is sound again.
  expect(
    await rules("update volumes set input = input + 1 where ledger = 1 and account = 1"),
  ).toEqual(["stored volumes", "conservation", "verification"]);
  expect(
    await rules(
      "update volumes set input = input - 1 where ledger = 1 and account = 1; update accounts set metadata = '{}' where ledger = 1 and address = 'd'",
    ),
  ).toEqual(["stored metadata", "verification"]);
  expect(
    await rules(
      `update accounts set metadata = '{"color": {"type": "string", "value": "blue"}}' where ledger = 1 and address = 'd';
      update logs set actor = null, date = date + interval '1 s' where ledger = 1 and id = 3`,
    ),
  ).toEqual(["hash chain", "verification"]);
  await app.db.raw("update logs set date = date - interval '1 s' where ledger = 1 and id = 3");
  expect(await check(history, app.databaseUrl)).toEqual([]);
});
