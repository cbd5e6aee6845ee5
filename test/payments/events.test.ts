import { createClient } from "@connectrpc/connect";
import { expect, test, vi } from "vitest";
import { Connector } from "../../gen/florin/payments/v1/connector_pb.js";
import { PaymentStatus } from "../../gen/florin/payments/v1/payment_pb.js";
import {
  PaymentsService,
  type WatchPaymentsResponse,
} from "../../gen/florin/payments/v1/payments_pb.js";
import { isOfPayments, paymentsEvents } from "../../src/payments/events/paymentsEvents.js";
import { memorySink, outletOf, publisherOf } from "../events/support.js";
import { testDb } from "../support/database.js";
import { eventually } from "../support/eventually.js";
import { startReceiver } from "../support/receiver.js";
import { rpcWires } from "../support/rpcs.js";
import { putFile, READS_ONLY, startPaymentsApp } from "./paymentsApp.js";
import { commit, leaseOf, NOW, SECOND, told } from "./support.js";

vi.setConfig({ testTimeout: 60_000 });

test("what is saved and what is reset is told in the documented envelope, once", async () => {
  const receiver = await startReceiver();
  const app = await startPaymentsApp({
    EVENTS_HTTP_URL: receiver.url,
    EVENTS_HTTP_SECRET: "x".repeat(24),
  });
  await putFile(app.root, "a");
  await app.call("POST", "/connectors/DUMMY-PAY", READS_ONLY);
  const payment = await eventually(async () => {
    const { body } = await app.call("GET", "/payments");
    expect(body.cursor.data).toHaveLength(1);
    return body.cursor.data[0];
  });
  await putFile(app.root, "a", { status: "SUCCEEDED", amount: 90 });
  await eventually(() => expect(receiver.deliveries).toHaveLength(2));
  await app.call("POST", "/connectors/DUMMY-PAY/reset");
  await eventually(() => expect(receiver.deliveries).toHaveLength(3));
  const [saved, changed, reset] = receiver.deliveries.map(({ body }) => JSON.parse(body));
  const { id, reference, createdAt, provider, type, scheme, asset } = payment;
  expect(saved).toEqual({
    ...{ date: expect.any(String), app: "payments", version: "v1", type: "SAVED_PAYMENT" },
    payload: {
      ...{ id, reference, createdAt, provider, type, scheme, asset },
      ...{ status: "PENDING", initialAmount: 100, amount: 100 },
    },
  });
  expect(changed.payload).toEqual({ ...saved.payload, status: "SUCCEEDED", amount: 90 });
  expect(reset).toMatchObject({
    type: "CONNECTOR_RESET",
    payload: { connector: "DUMMY-PAY", createdAt: expect.any(String) },
  });
});

test("events of payments come in order beside those of ledgers, and what was told goes", async () => {
  const db = await testDb();
  const sink = memorySink("nats");
  await publisherOf(db, [outletOf(sink)], {
    source: (stream, from) => {
      if (!isOfPayments(stream)) throw new Error("there is no ledger");
      return paymentsEvents(db)(stream, from);
    },
  });
  const lease = await leaseOf(db);
  const accounts = [
    { reference: "1", type: "SOURCE" as const },
    { reference: "2", type: "TARGET" as const },
  ];
  await commit(db, lease, { accounts, payments: [told("a"), told("b")] });
  const many = Array.from({ length: 250 }, (_, index) =>
    told(String(index), { amount: 10n ** 30n }),
  );
  await commit(db, lease, { payments: many }, NOW + SECOND);
  await eventually(() => expect(sink.taken).toHaveLength(253));
  expect(sink.taken.map(({ id }) => id)).toEqual(
    sink.taken.map(
      (_, number) => `_payments:${number}:SAVED_${number === 0 ? "ACCOUNT" : "PAYMENT"}`,
    ),
  );
  const [first, , , fourth] = sink.taken;
  expect(JSON.parse(first?.body ?? "")).toMatchObject({
    ...{ date: "2023-07-10T12:00:00Z", app: "payments", version: "v1", type: "SAVED_ACCOUNT" },
    payload: [
      { reference: "1", provider: "TEST", type: "SOURCE", createdAt: "2023-07-10T12:00:00Z" },
      { reference: "2", type: "TARGET" },
    ],
  });
  expect(fourth?.body).toContain(`"initialAmount":1${"0".repeat(30)},"amount":1${"0".repeat(30)}}`);
  await eventually(async () => expect(await db("outbox").where({ ledger: 0 })).toEqual([]));
});

test("who configures no sink keeps no events", async () => {
  const app = await startPaymentsApp();
  await putFile(app.root, "a");
  await app.call("POST", "/connectors/DUMMY-PAY", READS_ONLY);
  await eventually(async () =>
    expect((await app.call("GET", "/payments")).body.cursor.data).toHaveLength(1),
  );
  expect(await app.db("outbox").where({ ledger: 0 })).toEqual([]);
});

const describe = ({ id, event }: WatchPaymentsResponse): string =>
  event.case === "payment"
    ? `${id} ${event.value.reference} ${PaymentStatus[event.value.status]}`
    : `${id} reset ${Connector[event.value ?? 0]}`;

/** What a stream says, as it comes. */
function listen(stream: AsyncIterable<WatchPaymentsResponse>): string[] {
  const heard: string[] = [];
  void (async () => {
    for await (const each of stream) heard.push(describe(each));
  })().catch(() => {});
  return heard;
}

test("a watcher hears of all payments there are, then of each change, in any process", async () => {
  const app = await startPaymentsApp();
  const token = await app.token();
  const stop = new AbortController();
  const watch = (after?: bigint) =>
    listen(
      createClient(PaymentsService, rpcWires(app.url).gRPC).watchPayments(
        after === undefined ? {} : { after },
        { signal: stop.signal, headers: { authorization: `Bearer ${token}` } },
      ),
    );
  // These are committed past the server, as another process would.
  const lease = await leaseOf(app.db, "WISE");
  const many = Array.from({ length: 230 }, (_, index) => told(`p${index}`));
  await commit(app.db, lease, { payments: many });
  await commit(app.db, lease, { payments: [told("p0", { status: "FAILED" })] });
  const all = watch();
  await eventually(() => expect(all).toHaveLength(230));
  expect([all[0], all[228], all[229]]).toEqual([
    "1 p1 PENDING",
    "229 p229 PENDING",
    "230 p0 FAILED",
  ]);
  const late = watch(229n);
  await eventually(() => expect(late).toEqual(["230 p0 FAILED"]));
  await commit(app.db, lease, { payments: [told("p1", { status: "SUCCEEDED" })] });
  await eventually(() => expect(late).toEqual(["230 p0 FAILED", "231 p1 SUCCEEDED"]));
  await app.call("POST", "/connectors/DUMMY-PAY", READS_ONLY);
  await app.call("DELETE", "/connectors/DUMMY-PAY");
  await eventually(() => expect(late.at(-1)).toBe("232 reset DUMMY_PAY"));
  await eventually(() => expect(all.at(-1)).toBe("232 reset DUMMY_PAY"));
  stop.abort();
});

test("a browser watches by server-sent events, and goes on after the last one", async () => {
  const app = await startPaymentsApp();
  const lease = await leaseOf(app.db, "WISE");
  await commit(app.db, lease, { payments: [told("a"), told("b")] });
  const stop = new AbortController();
  const response = await fetch(`${app.url}/api/payments/payments/watch`, {
    headers: { authorization: `Bearer ${await app.token()}`, "last-event-id": "0" },
    signal: stop.signal,
  });
  expect(response.headers.get("content-type")).toMatch(/^text\/event-stream/);
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString();
    if (text.includes("\n\n") && text.includes("data:")) break;
  }
  stop.abort();
  expect(text).toMatch(/^id: ?1$/m);
  const data = JSON.parse(/^data: ?(.*)$/m.exec(text)?.[1] ?? "");
  expect(data).toMatchObject({ id: 1, payment: { reference: "b", initialAmount: 100 } });
});
