import type { MessageInitShape } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { expect, onTestFinished, test } from "vitest";
import type { Refusal, StreamTransactionsResponse } from "../../gen/florin/ledger/v1/ledger_pb.js";
import type { NewTransactionSchema } from "../../gen/florin/ledger/v1/transaction_pb.js";
import { withConnection } from "../../src/db/database.js";
import type { Ledger } from "../../src/ledger/ledger.js";
import { begin, lockHead } from "../../src/ledger/store/head.js";
import { streamTransactions, type Write } from "../../src/ledger/streamTransactions.js";
import { ok, type Result } from "../../src/lib/result.js";
import { clientOf, type LedgerClient, refusal } from "./client.js";
import { posting, testLedger, transaction } from "./support.js";

interface Extras {
  readonly ledger?: string;
  readonly idempotencyKey?: string;
  readonly preview?: boolean;
}

interface Item extends Extras {
  readonly transaction?: MessageInitShape<typeof NewTransactionSchema>;
}

/** "a > b 100 USD/2", for a message. */
const toPosting = (text: string) => {
  const { amount, ...rest } = posting(text);
  return { ...rest, amount: String(amount) };
};

/** A transaction of one posting. */
const pay = (text: string, extras: Extras = {}): Item => ({
  transaction: { postings: [toPosting(text)] },
  ...extras,
});

async function* each<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}

async function stream(client: LedgerClient, items: readonly Item[]) {
  const answers: StreamTransactionsResponse[] = [];
  for await (const answer of client.streamTransactions(each(items))) answers.push(answer);
  return answers;
}

/** What became of each: its number, or the reason why not. */
const outcomes = (answers: readonly StreamTransactionsResponse[]) =>
  answers.map(({ result }) =>
    result.case === "transaction" ? result.value.txid : (result.value?.reason ?? "nothing"),
  );

test("each transaction is answered, in order, and sees the effects of those before it", async () => {
  const client = clientOf(await testLedger());
  const count = 1200;
  const items = [pay(`world > u:0 ${count} USD/2`, { ledger: "main" })];
  for (let user = 0; user < count; user++) {
    items.push(pay(`u:${user} > u:${user + 1} ${count - user} USD/2`));
  }
  const answers = await stream(client, items);
  expect(outcomes(answers)).toEqual(items.map((_, index) => BigInt(index)));
  const { data } = await client.getTransaction({ ledger: "main", txid: 7n });
  expect(answers[7]?.result.value).toEqual(data);
});

const BAD: Record<string, Item> = {
  "no transaction": {},
  "postings and a script": {
    transaction: { postings: [toPosting("world > a 1 USD/2")], script: { plain: "fail" } },
  },
  "no amount": { transaction: { postings: [{ source: "a", destination: "b", asset: "USD" }] } },
  "a bad asset": pay("world > a 1 usd"),
  "no funds": pay("poor > a 1 USD/2"),
  "a reference that is taken": {
    transaction: { postings: [toPosting("world > a 1 USD/2")], reference: "r" },
  },
  "a long key": pay("world > a 1 USD/2", { idempotencyKey: "k".repeat(256) }),
  "a key for something else": pay("world > a 1 USD/2", { idempotencyKey: "k" }),
  "a bad ledger": pay("world > a 1 USD/2", { ledger: "no ledger" }),
};

test.each(Object.entries(BAD))(
  "%s is refused as a call would be, and the stream goes on",
  async (_what, bad) => {
    const client = clientOf(await testLedger());
    const first = {
      ledger: "main",
      transaction: { postings: [toPosting("world > a 5 USD/2")], reference: "r" },
      idempotencyKey: "k",
    };
    const answers = await stream(client, [first, bad, pay("a > b 5 USD/2", { ledger: "main" })]);
    expect(outcomes(answers)).toEqual([0n, expect.any(String), 1n]);

    const { value } = answers[1]?.result ?? {};
    const { $typeName: _, metadata: facts, ...told } = value as Refusal;
    const call = client.createTransaction({ ledger: "main", ...bad } as never);
    expect({ ...told, facts }).toEqual(await refusal(call));
  },
);

test("what no service can use is refused where it stands, and the stream goes on", async () => {
  const client = clientOf(await testLedger());
  const postings = [toPosting("world > a 1 USD/2")];
  const answers = await stream(client, [
    { ledger: "main", transaction: { postings, reference: "\0" } },
    { transaction: { script: { plain: "fail", runtime: 9 as never } } },
    pay("world > a 1 USD/2"),
  ]);
  expect(outcomes(answers)).toEqual(["MALFORMED_FIELD", "MALFORMED_FIELD", 0n]);
  expect(answers[0]?.result.value).toMatchObject({
    code: Code.InvalidArgument,
    errorCode: "VALIDATION",
    message: "transaction.reference must not contain U+0000",
    metadata: { field: "transaction.reference" },
  });
});

test("a transaction without a ledger goes where the one before went, the first one nowhere", async () => {
  const client = clientOf(await testLedger());
  const text = "world > a 1 USD/2";
  const answers = await stream(client, [
    pay(text),
    pay(text, { ledger: "one" }),
    pay(text),
    pay(text, { ledger: "two" }),
    pay(text),
    pay(text, { ledger: "one" }),
  ]);
  expect(outcomes(answers)).toEqual(["INVALID_LEDGER_NAME", 0n, 1n, 0n, 1n, 2n]);
});

test("a key is answered once for all, a preview changes nothing", async () => {
  const client = clientOf(await testLedger());
  const keyed = pay("world > a 1 USD/2", { ledger: "main", idempotencyKey: "k" });
  const preview = pay("a > b 1 USD/2", { preview: true });
  const answers = await stream(client, [keyed, preview, preview, keyed, pay("a > c 1 USD/2")]);
  expect(outcomes(answers)).toEqual([0n, 1n, 1n, 0n, 1n]);
  expect(answers.map(({ idempotencyHit }) => idempotencyHit)).toEqual([
    false,
    false,
    false,
    true,
    false,
  ]);
});

test("a script is run as in a call, and what is wrong with one is told as there", async () => {
  const client = clientOf(await testLedger());
  const script = (plain: string): Item => ({ ledger: "main", transaction: { script: { plain } } });
  const send = "send [USD/2 5] (source = @world destination = @a)";
  const broken = script("send [USD/2");
  const answers = await stream(client, [script(send), broken, script(send)]);
  expect(outcomes(answers)).toEqual([0n, "SCRIPT_INVALID", 1n]);
  const told = await refusal(client.createTransaction(broken));
  expect(answers[1]?.result.value).toMatchObject({ code: told.code, message: told.message });
});

test("no stream is refused because the queue is short: it waits for its turn, in order", async () => {
  const ledger = await testLedger({ limits: { maxWaiting: 3 } });
  const client = clientOf(ledger);
  const many = Array.from({ length: 60 }, () => pay("world > a 1 USD/2", { ledger: "main" }));
  const streams = await Promise.all([stream(client, many), stream(client, many)]);
  for (const answers of streams) {
    const txids = outcomes(answers);
    expect(txids).toEqual(txids.toSorted((a, b) => Number(BigInt(a) - BigInt(b))));
  }
});

async function* asWrites(...texts: string[]): AsyncGenerator<Result<Write, never>> {
  for (const text of texts) yield ok({ ledger: "main", request: transaction(text) });
}

/** Nobody can write to `ledger` until what is answered is called. */
async function lock({ db }: Ledger): Promise<() => void> {
  let unlock = () => {};
  const held = new Promise<void>((resolve) => {
    unlock = resolve;
  });
  await new Promise<void>((locked) => {
    const holding = withConnection(db, async (connection) => {
      await begin(connection);
      await lockHead(connection, "main");
      locked();
      await held;
    });
    onTestFinished(() => holding);
  });
  return unlock;
}

test("when others keep the queue full for long, a transaction is refused", async () => {
  const ledger = await testLedger({ limits: { maxWaiting: 2 } });
  await ledger.write("main", transaction("world > a 1 USD/2"));
  const unlock = await lock(ledger);
  const running = ledger.write("main", transaction("world > a 1 USD/2"));
  await new Promise(setImmediate);
  const others = [1, 2].map(() => ledger.write("main", transaction("world > a 1 USD/2")));
  const { signal } = new AbortController();
  const answers = streamTransactions(ledger, asWrites("world > a 1 USD/2"), signal, 50);
  expect((await answers.next()).value).toEqual({ ok: false, failure: { kind: "queue-full" } });
  unlock();
  expect((await running).ok).toBe(true);
  for (const other of others) expect((await other).ok).toBe(true);
});

test("a deadline ends a stream whose client says no more", async () => {
  const ledger = await testLedger();
  const deadline = new AbortController();
  async function* pausing() {
    yield* asWrites("world > a 1 USD/2");
    await new Promise(() => {});
  }
  const answers = streamTransactions(ledger, pausing(), deadline.signal);
  expect((await answers.next()).value).toMatchObject({ ok: true });
  const end = answers.next();
  deadline.abort(new Error("too late"));
  await expect(end).rejects.toThrow("too late");
});
