import { expect, test } from "vitest";
import { type Context, fakeConnector, install, paymentsOf } from "../payments/fakeConnector.js";
import { startStripeApp } from "../payments/providers/stripeApp.js";
import { API_KEY } from "../payments/providers/stripeRules.js";
import { startTestApp } from "../support/app.js";
import { testDb } from "../support/database.js";
import { eventually } from "../support/eventually.js";
import { testLog } from "../support/log.js";
import { startReceiver } from "../support/receiver.js";
import { type ReceivedSpan, startSpanReceiver } from "../support/spanReceiver.js";
import { startTraced } from "../support/tracing.js";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const traceparent = `00-${TRACE}-00f067aa0ba902b7-01`;
const traceparentOf = (span: ReceivedSpan | undefined) => `00-${span?.traceId}-${span?.spanId}-01`;
const isCall = ({ kind }: ReceivedSpan) => kind === 3;

/** A connector that asks its provider once, and what its run leaves behind. */
const asking = (url: string) =>
  fakeConnector(
    [{ name: "fetch-payments" }],
    async function* ({ http }: Context) {
      await http.send({ path: "/people/alice?key=secret" });
      yield {};
    },
    { http: () => ({ baseUrl: url }) },
  );

test("what a connector asks its provider is a part of its task, and the provider is told", async () => {
  const { receiver, tracing } = await startTraced();
  const provider = await startReceiver();
  await install(paymentsOf(await testDb(), [asking(provider.url)], { tracing }));
  const [call] = await receiver.wait(isCall);
  const [task] = await receiver.wait(({ name }) => name === "task STRIPE fetch-payments");
  expect(task).toMatchObject({ kind: 1, parentSpanId: "", status: 0 });
  expect(call).toMatchObject({
    name: "GET",
    parentSpanId: task?.spanId,
    attributes: {
      "http.request.method": "GET",
      "http.response.status_code": 200,
      "server.address": "127.0.0.1",
    },
  });
  expect(provider.deliveries[0]?.headers["traceparent"]).toBe(traceparentOf(call));
  expect(JSON.stringify(Object.values(call?.attributes ?? {}))).not.toMatch(/alice|secret/);
});

test("a provider that refuses is an error of the call and of the task, whose line names the trace", async () => {
  const { receiver, tracing } = await startTraced();
  const provider = await startReceiver((response) => response.writeHead(403).end());
  const log = testLog();
  const options = { tracing, logger: log.logger };
  await install(paymentsOf(await testDb(), [asking(provider.url)], options));
  const [call] = await receiver.wait(isCall);
  const [task] = await receiver.wait(({ name }) => name.startsWith("task"));
  expect([call?.status, call?.attributes["error.type"]]).toEqual([2, "403"]);
  expect([task?.status, task?.attributes["error.type"]]).toEqual([2, "ProviderError"]);
  const [line] = await log.lines("a task of a connector failed", 1);
  expect(line).toMatchObject({ trace_id: task?.traceId, span_id: task?.spanId });
});

test("a transfer that its caller waits for is a part of the call", async () => {
  const receiver = await startSpanReceiver();
  const app = await startStripeApp(API_KEY, receiver.variables);
  const response = await fetch(`${app.url}/api/payments/connectors/stripe/transfers`, {
    method: "POST",
    headers: { authorization: `Bearer ${await app.token()}`, traceparent },
    body: JSON.stringify({ amount: 700, asset: "USD", destination: "acct_1" }),
  });
  expect(response.status).toBe(200);
  const [served] = await receiver.wait(({ kind, traceId }) => kind === 2 && traceId === TRACE);
  const calls = await eventually(() => {
    const found = receiver.spans.filter((span) => isCall(span) && span.traceId === TRACE);
    expect(found).not.toEqual([]);
    return found;
  });
  for (const call of calls) expect(call.parentSpanId).toBe(served?.spanId);
});

test("an event is sent within a span, which its receiver is told of", async () => {
  const receiver = await startSpanReceiver();
  const events = await startReceiver((response, count) =>
    response.writeHead(count === 1 ? 500 : 200).end(),
  );
  const app = await startTestApp({
    ...receiver.variables,
    EVENTS_HTTP_URL: events.url,
    EVENTS_HTTP_SECRET: "a secret that signs events",
  });
  const posting = { source: "world", destination: "users:1", asset: "USD/2", amount: 100 };
  await fetch(`${app.url}/api/ledger/main/transactions`, {
    method: "POST",
    headers: { authorization: `Bearer ${await app.token()}` },
    body: JSON.stringify({ postings: [posting] }),
  });
  const isSent = ({ name }: ReceivedSpan) => name === "send http";
  const [deferred, sent] = await receiver.wait(isSent, 2);
  expect(deferred).toMatchObject({ status: 2, attributes: { "error.type": "deferred" } });
  expect(sent).toMatchObject({
    kind: 4,
    status: 0,
    attributes: { "messaging.system": "http", "messaging.batch.message_count": 1 },
  });
  const told = events.deliveries.map(({ headers }) => headers["traceparent"]);
  expect(told).toEqual([traceparentOf(deferred), traceparentOf(sent)]);
});
