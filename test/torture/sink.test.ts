import { expect, onTestFinished, test } from "vitest";
import { createRandom } from "../../torture/random.js";
import { type Sink, startSink } from "../../torture/sink.js";

async function openSink(): Promise<Sink> {
  const random = { ...createRandom("1"), chance: () => false };
  const sink = await startSink(random);
  onTestFinished(sink.close);
  return sink;
}

const TRANSACTION = { txid: 7, postings: [], timestamp: "2026-01-01T00:00:00Z" };

const post = (sink: Sink, id: string): Promise<Response> =>
  fetch(sink.url, {
    method: "POST",
    headers: { "webhook-id": id },
    body: JSON.stringify({ payload: { ledger: "main", transactions: [TRANSACTION] } }),
  });

test("what is taken is noted", async () => {
  const sink = await openSink();
  expect((await post(sink, "main:3:COMMITTED_TRANSACTIONS")).ok).toBe(true);
  expect(sink.deliveries).toMatchObject([
    { ledger: "main", messageId: "main:3:COMMITTED_TRANSACTIONS", transactionIds: ["7"] },
  ]);
});

test("what is refused or cut off is not noted, and then all is taken again", async () => {
  const sink = await openSink();
  sink.fail("refuse");
  expect((await post(sink, "1")).status).toBe(500);
  sink.fail("cut");
  await expect(post(sink, "2")).rejects.toThrow("fetch failed");
  sink.fail("hang");
  let isCutOff = false;
  post(sink, "3").catch(() => {
    isCutOff = true;
  });
  await expect
    .poll(() => {
      sink.fail("hang");
      return isCutOff;
    })
    .toBe(true);
  sink.fail(null);
  expect((await post(sink, "5")).ok).toBe(true);
  expect(sink.deliveries.map(({ messageId }) => messageId)).toEqual(["5"]);
});
