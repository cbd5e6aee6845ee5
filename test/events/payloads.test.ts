import { expect, test } from "vitest";
import { startTestApp } from "../support/app.js";
import { eventually } from "../support/eventually.js";
import { startReceiver } from "../support/receiver.js";

const SECRET = "a secret that signs events";

/** A server whose events come to a receiver, and a way to call its ledger "main" by REST. */
async function appWithReceiver() {
  const receiver = await startReceiver();
  const app = await startTestApp({
    EVENTS_HTTP_URL: `${receiver.url}/events`,
    EVENTS_HTTP_SECRET: SECRET,
    LEDGER_ALLOW_PAST_TIMESTAMPS: "true",
  });
  const authorization = `Bearer ${await app.token()}`;
  const call = async (method: string, path: string, body?: string) => {
    const response = await fetch(`${app.url}/api/ledger/main${path}`, {
      method,
      headers: { authorization },
      ...(body !== undefined && { body }),
    });
    const answer = await response.text();
    expect(response.ok, answer).toBe(true);
    return answer === "" ? null : JSON.parse(answer).data;
  };
  const events = (count: number) =>
    eventually(() => {
      expect(receiver.deliveries).toHaveLength(count);
      return receiver.deliveries.map(({ headers, body }) => ({
        id: headers["webhook-id"],
        text: body,
        ...JSON.parse(body),
      }));
    });
  return { call, events };
}

const envelope = { app: "ledger", version: "v1", date: expect.stringMatching(/^20.*Z$/) };

test("a transaction is told as REST shows it, with the volumes before and after, all integers exact", async () => {
  const { call, events } = await appWithReceiver();
  const body = `{"postings":[
    {"source":"world","destination":"__proto__","amount":123456789012345678901234567890,"asset":"ETH/18"},
    {"source":"__proto__","destination":"users:1","amount":1,"asset":"ETH/18"}],
    "reference":"a \\"b\\" \\u2028 <é>","metadata":{"n":1.5,"o":{"a":[null,true]}},"timestamp":"2023-07-10T12:00:00.123456Z"}`;
  await call("POST", "/transactions", body);
  const shown = await call("GET", "/transactions/0");
  const [event] = await events(1);
  expect(event).toMatchObject({
    ...envelope,
    id: "main:0:COMMITTED_TRANSACTIONS",
    type: "COMMITTED_TRANSACTIONS",
    payload: {
      ledger: "main",
      transactions: [shown],
      volumes: shown.postCommitVolumes,
      postCommitVolumes: shown.postCommitVolumes,
      preCommitVolumes: shown.preCommitVolumes,
    },
  });
  expect(event.payload.transactions).toEqual([shown]);
  expect(shown.timestamp).toBe("2023-07-10T12:00:00Z");
  expect(event.text).toContain('"amount":123456789012345678901234567890,');
  expect(event.text).toContain('"balance":-123456789012345678901234567890}');
});

test("a batch is one event: volumes before its first touch, and after its last", async () => {
  const { call, events } = await appWithReceiver();
  const batch = (...postings: [string, string, number][]) =>
    JSON.stringify({
      transactions: postings.map(([source, destination, amount]) => ({
        postings: [{ source, destination, amount, asset: "COIN" }],
      })),
    });
  await call("POST", "/transactions/batch", batch(["world", "a", 10]));
  const shown = await call(
    "POST",
    "/transactions/batch",
    batch(["world", "a", 5], ["a", "b", 12], ["b", "c", 2]),
  );
  const [, event] = await events(2);
  expect(event.id).toBe("main:1:COMMITTED_TRANSACTIONS");
  expect(event.payload.transactions).toEqual(shown);
  const volume = (input: number, output: number) => ({
    COIN: { input, output, balance: input - output },
  });
  const after = { world: volume(0, 15), a: volume(15, 12), b: volume(12, 2), c: volume(2, 0) };
  expect(event.payload).toMatchObject({
    preCommitVolumes: { world: volume(0, 10), a: volume(10, 0), b: volume(0, 0), c: volume(0, 0) },
    postCommitVolumes: after,
    volumes: after,
  });
});

test("metadata is told as it was sent, the target's id as text", async () => {
  const { call, events } = await appWithReceiver();
  await call(
    "POST",
    "/transactions",
    `{"postings":[{"source":"world","destination":"a","amount":1,"asset":"COIN"}],"metadata":{"old":1}}`,
  );
  await call("POST", "/accounts/a/metadata", `{"b":{"c":[1e21,2]},"a":"é"}`);
  await call("POST", "/transactions/0/metadata", `{"new":"2"}`);
  const [, account, transaction] = await events(3);
  expect(account).toMatchObject({
    ...envelope,
    id: "main:1:SAVED_METADATA",
    type: "SAVED_METADATA",
  });
  expect(account.payload).toEqual({
    ledger: "main",
    targetType: "ACCOUNT",
    targetId: "a",
    metadata: { b: { c: [1e21, 2] }, a: "é" },
  });
  expect(transaction.payload).toEqual({
    ledger: "main",
    targetType: "TRANSACTION",
    targetId: "0",
    metadata: { new: "2" },
  });
});

test("a revert is told twice: as a transaction, and with the reverted one as it is now", async () => {
  const { call, events } = await appWithReceiver();
  await call(
    "POST",
    "/transactions",
    `{"postings":[{"source":"world","destination":"a","amount":7,"asset":"COIN"}],"reference":"r"}`,
  );
  await call("POST", "/transactions/0/metadata", `{"later":true}`);
  const reverting = await call("POST", "/transactions/0/revert");
  const reverted = await call("GET", "/transactions/0");
  const [, , committed, event] = await events(4);
  expect(committed.payload.transactions).toEqual([reverting]);
  expect(event).toMatchObject({
    ...envelope,
    id: "main:3:REVERTED_TRANSACTION",
    type: "REVERTED_TRANSACTION",
  });
  expect(event.payload).toEqual({
    ledger: "main",
    revertedTransaction: reverted,
    revertTransaction: reverting,
  });
  expect(reverted.metadata).toMatchObject({ later: true });
});

test("an update of the mapping is told, though it has no log", async () => {
  const { call, events } = await appWithReceiver();
  const put = (least: string) =>
    call(
      "PUT",
      "/mapping",
      `{"contracts":[{"account":"users:*","expr":{"$gte":["$balance",${least}]}}]}`,
    );
  await put("-123456789012345678901234567890");
  await put("0");
  const shown = await call("GET", "/mapping");
  const [first, second] = await events(2);
  expect(first).toMatchObject({
    ...envelope,
    id: "main:m0:UPDATED_MAPPING",
    type: "UPDATED_MAPPING",
  });
  expect(first.text).toContain("-123456789012345678901234567890");
  expect(second.id).toBe("main:m1:UPDATED_MAPPING");
  expect(second.payload).toEqual({ ledger: "main", mapping: shown });
});

test("a script's transaction is told first, then what it wrote about accounts", async () => {
  const { call, events } = await appWithReceiver();
  const plain = `set_account_meta(@a, "k", 1)
send [COIN 5] (source = @world destination = @a)
set_account_meta(@b, "k", "v")`;
  const [shown] = await call("POST", "/transactions", JSON.stringify({ script: { plain } }));
  const told = await events(3);
  expect(told.map(({ id }) => id)).toEqual([
    "main:0:COMMITTED_TRANSACTIONS",
    "main:1:SAVED_METADATA",
    "main:2:SAVED_METADATA",
  ]);
  expect(told[0].payload.transactions).toEqual([shown]);
  expect(told.slice(1).map(({ payload }) => payload)).toEqual([
    {
      ledger: "main",
      targetType: "ACCOUNT",
      targetId: "a",
      metadata: { k: { type: "number", value: 1 } },
    },
    {
      ledger: "main",
      targetType: "ACCOUNT",
      targetId: "b",
      metadata: { k: { type: "string", value: "v" } },
    },
  ]);
});

test("previews and refusals are not told", async () => {
  const { call, events } = await appWithReceiver();
  const body = `{"postings":[{"source":"world","destination":"a","amount":1,"asset":"COIN"}]}`;
  await call("POST", "/transactions?preview=true", body);
  const empty = `{"postings":[{"source":"b","destination":"a","amount":1,"asset":"COIN"}]}`;
  await expect(call("POST", "/transactions", empty)).rejects.toThrow(/INSUFFICIENT_FUND/);
  await call("POST", "/transactions", body);
  const [event] = await events(1);
  expect(event.id).toBe("main:0:COMMITTED_TRANSACTIONS");
});
