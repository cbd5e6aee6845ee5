import { expect, test, vi } from "vitest";
import { startPaymentsApp } from "../paymentsApp.js";
import { problemsOf } from "../published.js";
import type { Fate } from "./fakeProvider.js";
import { STRIPE, type StripeApp, startStripeApp, startStripeProcesses } from "./stripeApp.js";

vi.setConfig({ testTimeout: 180_000 });

const PATH = "/api/payments/connectors/stripe/transfers";
const SENT = { amount: 700, asset: "USD/2", destination: "acct_1", metadata: { order: "6735" } };

/** Status and body of the answer, and whether it was an earlier one's. */
const sendTo =
  (url: string, token: string) =>
  async (changes: object = {}, key?: string) => {
    const response = await fetch(url + PATH, {
      method: "POST",
      headers: {
        ...{ authorization: `Bearer ${token}`, "content-type": "application/json" },
        ...(key !== undefined && { "idempotency-key": key }),
      },
      body: JSON.stringify({ ...SENT, ...changes }),
    });
    const { status, headers } = response;
    const body = JSON.parse(await response.text());
    expect(problemsOf("POST", PATH, status, body)).toEqual([]);
    return { status, body, isHit: headers.get("idempotency-hit") === "true" };
  };

const sender = async (app: StripeApp) => sendTo(app.url, await app.token());

/** How many rows there are of what transfers may store. */
const storedIn = async ({ db }: Pick<StripeApp, "db">) => [
  (await db("transfers")).length,
  (await db("transfer_keys")).length,
];

test("the deprecated route answers Stripe's own object, passes metadata on and stores nothing", async () => {
  const app = await startStripeApp();
  const send = await sender(app);
  const { status, body } = await send();
  expect(status).toBe(200);
  expect(body.data).toEqual(app.stripe.transfers.made[0]);
  expect(body.data).toMatchObject({
    ...{ object: "transfer", amount: 700, currency: "usd", destination: "acct_1" },
    metadata: { order: "6735" },
  });
  // The document's own example names the currency alone.
  expect(await send({ asset: "EUR" })).toMatchObject({ body: { data: { currency: "eur" } } });
  expect(app.stripe.transfers.made).toHaveLength(2);
  expect(await storedIn(app)).toEqual([0, 0]);
  expect((await app.call("GET", `${STRIPE}/tasks`)).body.cursor.data).toHaveLength(1);
});

test("it is refused in the order and with the words that callers know", async () => {
  const app = await startStripeApp();
  const send = await sender(app);
  const refusals = [
    [{ amount: 0, asset: "" }, "amount must be greater than 0"],
    [{ asset: "", destination: "" }, "asset is required"],
    [{ asset: "GBP/2", destination: "" }, "asset must be USD/2 or EUR/2"],
    [{ asset: "USD/4" }, "asset must be USD/2 or EUR/2"],
    [{ asset: "usd/2" }, "asset must be USD/2 or EUR/2"],
    [{ destination: "" }, "destination is required"],
  ] as const;
  for (const [changes, errorMessage] of refusals) {
    expect(await send(changes, "key")).toMatchObject({
      ...{ status: 400, body: { errorCode: "VALIDATION", errorMessage } },
    });
  }
  expect(app.stripe.transfers.made).toEqual([]);
  expect(await storedIn(app)).toEqual([0, 0]);
});

test("that the connector is not installed is said first", async () => {
  const app = await startPaymentsApp();
  expect(await app.call("POST", "/connectors/stripe/transfers", {})).toMatchObject({
    status: 404,
    body: { errorCode: "NOT_FOUND", errorMessage: "not installed" },
  });
});

test("in capitals the same path is the other route", async () => {
  const { call } = await startStripeApp();
  const { body } = await call("POST", `${STRIPE}/transfers`, SENT);
  expect(body).toEqual({ id: body.id, data: { id: body.id } });
});

test("the same key answers the first body, and moves the money once; another request under it is refused", async () => {
  const app = await startStripeApp();
  const send = await sender(app);
  const first = await send({}, "key");
  expect(first).toMatchObject({ status: 200, isHit: false });
  app.stripe.transfers.forgetKeys();
  expect(await send({}, "key")).toEqual({ ...first, isHit: true });
  expect(await send({ asset: "USD" }, "key")).toEqual({ ...first, isHit: true });
  for (const change of [{ amount: 701 }, { destination: "acct_2" }, { metadata: {} }]) {
    expect(await send(change, "key")).toMatchObject({
      status: 400,
      body: { errorMessage: "the idempotency key was used for another request" },
    });
  }
  // Nor is it one of the other route.
  const response = await fetch(`${app.url}/api/payments${STRIPE}/transfers`, {
    method: "POST",
    headers: { authorization: `Bearer ${await app.token()}`, "idempotency-key": "key" },
    body: JSON.stringify(SENT),
  });
  expect(response.status).toBe(400);
  expect(app.stripe.transfers.made).toHaveLength(1);
  expect(await storedIn(app)).toEqual([0, 1]);
  await send({}, "other");
  expect(app.stripe.transfers.made).toHaveLength(2);
});

test("of requests at once under one key all get the same, and the money moves once", async () => {
  const app = await startStripeApp();
  const send = await sender(app);
  const answers = await Promise.all(Array.from({ length: 5 }, () => send({}, "key")));
  expect(new Set(answers.map(({ status, body }) => JSON.stringify([status, body]))).size).toBe(1);
  expect(app.stripe.transfers.made).toHaveLength(1);
});

test("a refusal of Stripe is told in its own words, and the key is free again", async () => {
  const app = await startStripeApp();
  const send = await sender(app);
  const { status, body } = await send({ destination: "nowhere" }, "key");
  expect(status).toBe(400);
  expect(body.errorCode).toBe("VALIDATION");
  expect(JSON.parse(body.errorMessage)).toEqual({
    ...{ type: "invalid_request_error", message: "No such destination: 'nowhere'" },
    ...{ param: "destination", status: 400 },
  });
  expect(await storedIn(app)).toEqual([0, 0]);
  expect(await send({}, "key")).toMatchObject({ status: 200, isHit: false });
});

test("Stripe's refusal of our key does not show the key", async () => {
  const app = await startStripeApp("sk_test_wrong_wrong_wrong");
  const { status, body } = await (await sender(app))();
  expect(status).toBe(400);
  expect(JSON.parse(body.errorMessage).message).toBe("Invalid API Key provided: ***");
});

test("while nobody knows what became of it, it says so; repeated, even days later, it is found", async () => {
  const app = await startStripeApp();
  const send = await sender(app);
  app.stripe.mishaps.push("fails", ...Array<Fate>(3).fill("unheeded: fails"));
  expect(await send({}, "key")).toMatchObject({
    status: 503,
    body: {
      errorCode: "INTERNAL",
      errorMessage:
        "POST /v1/transfers: answered 500; the transfer may have been made: repeat with the same idempotency key",
    },
  });
  expect(await send({ amount: 701 }, "key")).toMatchObject({ status: 400 });
  app.stripe.transfers.forgetKeys();
  const found = await send({}, "key");
  expect(found).toMatchObject({ status: 200, isHit: false });
  expect(found.body.data).toEqual(app.stripe.transfers.made[0]);
  expect(await send({}, "key")).toEqual({ ...found, isHit: true });
  expect(app.stripe.transfers.made).toHaveLength(1);

  app.stripe.mishaps.push(...Array<Fate>(4).fill("unheeded: fails"));
  const { body } = await send();
  expect(body.errorMessage).toMatch(/may have been made: look for it before you repeat it$/);
});

test("killed while Stripe pays: the request that is repeated in the next process finds the transfer", async () => {
  const { stripe, first, next } = await startStripeProcesses();
  const paid = stripe.swallow(({ method }) => method === "POST", "heeded");
  const broken = sendTo(first.url, first.token)({}, "key").catch(() => "broken");
  await paid;
  await first.end("SIGKILL");
  expect(await broken).toBe("broken");
  stripe.transfers.forgetKeys();
  const second = await next();
  const { status, body } = await sendTo(second.url, second.token)({}, "key");
  expect(status).toBe(200);
  expect(body.data).toEqual(stripe.transfers.made[0]);
  expect(stripe.transfers.made).toHaveLength(1);
});
