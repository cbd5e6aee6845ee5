import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { expect, test } from "vitest";
import { LedgerService } from "../../gen/florin/ledger/v1/ledger_pb.js";
import type { Span } from "../../src/lib/tracing.js";
import { testLedger, transaction } from "../ledger/support.js";
import { startTestApp } from "../support/app.js";
import { testDb } from "../support/database.js";
import { testLog } from "../support/log.js";
import { type ReceivedSpan, startSpanReceiver } from "../support/spanReceiver.js";
import { startTraced } from "../support/tracing.js";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const traceparent = `00-${TRACE}-00f067aa0ba902b7-01`;
const isCommit = ({ name }: ReceivedSpan) => name === "commit batch";
const isCall = ({ kind, traceId }: ReceivedSpan) => kind === 2 && traceId === TRACE;

const write = (span: Span, amount: number) => ({
  ...transaction(`world > users:1 ${amount} USD/2`),
  span,
});

const linkTo = (span: Span) => {
  const { traceId, spanId } = span.spanContext();
  return { traceId, spanId };
};

test("the commit of a batch is a span in the trace of its first call, linked to all that are sampled", async () => {
  const { receiver, tracing, serve } = await startTraced();
  const ledger = await testLedger({ tracing });
  const [unsampled, first, second] = [serve(1, "00"), serve(2), serve(3)];
  const requests = [write(unsampled, 1), write(first, 2), write(first, 3), write(second, 4)];
  await Promise.all(requests.map((request) => ledger.write("main", request)));
  second.end();

  const [commit] = await receiver.wait(isCommit);
  expect(commit).toMatchObject({
    traceId: "2".repeat(32),
    parentSpanId: first.spanContext().spanId,
    kind: 1,
    status: 0,
    attributes: { "florin.ledger": "main", "florin.batch.size": 4 },
  });
  expect(commit?.links).toEqual([linkTo(first), linkTo(second)]);
  const [call] = await receiver.wait(({ kind }) => kind === 2);
  expect(call?.links).toEqual([{ traceId: commit?.traceId, spanId: commit?.spanId }]);
});

test("who has left before the commit is no trouble that the log would tell of", async () => {
  const log = testLog();
  const { receiver, tracing, serve } = await startTraced(log.logger);
  const ledger = await testLedger({ tracing });
  const [stays, left] = [serve(1), serve(2)];
  left.end();
  await Promise.all([write(stays, 1), write(left, 2)].map((it) => ledger.write("main", it)));
  await receiver.wait(isCommit);
  expect(log.text()).not.toContain("spans are lost");
});

test("what nobody samples leaves no span", async () => {
  const { receiver, tracing, serve } = await startTraced();
  const ledger = await testLedger({ tracing });
  await ledger.write("main", write(serve(1, "00"), 1));
  await tracing.stop();
  expect(receiver.spans).toEqual([]);
});

test("a batch that a database without tables cannot take is an error", async () => {
  const { receiver, tracing, serve } = await startTraced();
  const db = await testDb();
  const ledger = await testLedger({ db, tracing });
  await db.raw("alter table ledgers rename to lost");
  await expect(ledger.write("main", write(serve(1), 1))).rejects.toThrow("ledgers");
  await db.raw("alter table lost rename to ledgers");
  const [commit] = await receiver.wait(isCommit);
  expect([commit?.status, commit?.attributes["error.type"]]).toEqual([2, "error"]);
});

test("a write over REST is committed within its span, and so is one in a stream", async () => {
  const receiver = await startSpanReceiver();
  const app = await startTestApp(receiver.variables);
  const headers = { authorization: `Bearer ${await app.token()}`, traceparent };
  const posting = { source: "world", destination: "users:1", asset: "USD/2", amount: 100 };
  const body = JSON.stringify({ postings: [posting] });
  const url = `${app.url}/api/ledger/main/transactions`;
  const { status } = await fetch(url, { method: "POST", headers, body });
  expect(status).toBe(200);
  const [call] = await receiver.wait(isCall);
  const [commit] = await receiver.wait(isCommit);
  expect(commit).toMatchObject({ traceId: TRACE, parentSpanId: call?.spanId });

  const client = createClient(LedgerService, createGrpcTransport({ baseUrl: app.url }));
  const postings = [{ ...posting, amount: "100" }];
  const sent = (async function* () {
    yield { ledger: "main", transaction: { postings } };
  })();
  for await (const answer of client.streamTransactions(sent, { headers }))
    expect(answer.result.case).toBe("transaction");
  const [, stream] = await receiver.wait(isCall, 2);
  const [, inStream] = await receiver.wait(isCommit, 2);
  expect(inStream).toMatchObject({ traceId: TRACE, parentSpanId: stream?.spanId });
  expect(stream).toMatchObject({
    name: "florin.ledger.v1.LedgerService/StreamTransactions",
    attributes: { "rpc.status_code": "OK" },
  });
});
