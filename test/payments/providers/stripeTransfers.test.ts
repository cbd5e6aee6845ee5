import { expect, test, vi } from "vitest";
import { createTransferClient } from "../../../src/payments/connectors/stripe/transferClient.js";
import { createHttpClient } from "../../../src/payments/runtime/http.js";
import type { PaymentsApp } from "../paymentsApp.js";
import { type Fate, startProvider } from "./fakeProvider.js";
import { eventually } from "./stage.js";
import type { FakeStripe } from "./stripe.js";
import { STRIPE, startStripeApp, startStripeProcesses } from "./stripeApp.js";
import { API_KEY } from "./stripeRules.js";

vi.setConfig({ testTimeout: 180_000 });

const TRANSFERS = `${STRIPE}/transfers`;
const SENT = { amount: 700, asset: "USD/2", destination: "acct_1" };

/** The only transfer there is, once it has come to its end. */
const ended = ({ call }: Pick<PaymentsApp, "call">) =>
  eventually(async () => {
    const { body } = await call("GET", TRANSFERS);
    expect(body.data).toHaveLength(1);
    expect(body.data[0].status).not.toBe("PENDING");
    return body.data[0];
  });

const postsTo = ({ seen }: FakeStripe) => seen.filter(({ method }) => method === "POST");

test("a transfer is made at Stripe and shows as the contract says", async () => {
  const { stripe, call, db } = await startStripeApp();
  const { status, body } = await call("POST", TRANSFERS, { ...SENT, source: "ignored" });
  expect(status).toBe(200);
  const { id } = body;
  expect(body).toEqual({ id, data: { id } });
  expect(await ended({ call })).toEqual({
    ...{ id, source: "ignored", destination: "acct_1", amount: 700 },
    ...{ asset: "USD", currency: "USD", status: "SUCCEEDED", error: "" },
  });
  const [post] = postsTo(stripe);
  expect(Object.fromEntries(new URLSearchParams(post?.body))).toEqual({
    ...{ amount: "700", currency: "USD", destination: "acct_1", transfer_group: id },
  });
  expect(post?.headers["idempotency-key"]).toBe(id);
  expect(await db("transfers")).toMatchObject([{ reference: "txn_tr_1" }]);
  const tasks = (await call("GET", `${STRIPE}/tasks`)).body.cursor.data;
  expect(tasks[0]).toMatchObject({
    descriptor: { name: "Task to initiate transfer", transferID: id },
    ...{ status: "TERMINATED", error: "" },
  });
});

test.each<[Fate[]]>([
  [["unheeded: fails", "unheeded: too many", "unheeded: cut off"]],
  [["unheeded: HTML"]],
  [["cut off"]],
  [["fails", "fails"]],
  [["cut off", ...Array<Fate>(5).fill("unheeded: fails")]],
])("after %j the money has moved exactly once", async (fates) => {
  const { stripe, call } = await startStripeApp();
  stripe.mishaps.push(...fates);
  expect((await call("POST", TRANSFERS, SENT)).status).toBe(200);
  expect(await ended({ call })).toMatchObject({ status: "SUCCEEDED", error: "" });
  expect(stripe.transfers.made).toHaveLength(1);
  expect(postsTo(stripe).length).toBeGreaterThan(1);
});

test("a transfer that was made is found days later, when Stripe has forgotten its key", async () => {
  const { stripe, call, db } = await startStripeApp();
  // Made, but no attempt of the first run hears of it.
  stripe.mishaps.push("fails", ...Array<Fate>(3).fill("unheeded: fails"));
  await call("POST", TRANSFERS, SENT);
  await eventually(async () =>
    expect(await db("connector_tasks").where("error", "like", "POST%500%")).toHaveLength(1),
  );
  stripe.transfers.forgetKeys();
  expect(await ended({ call })).toMatchObject({ status: "SUCCEEDED" });
  expect(stripe.transfers.made).toHaveLength(1);
  expect(postsTo(stripe)).toHaveLength(4);
  expect(stripe.seen.at(-1)?.path).toBe("/v1/transfers");
});

test("a process that is killed while Stripe pays has paid once, and the next one finds out", async () => {
  const { stripe, db, first, next } = await startStripeProcesses();
  const paid = stripe.swallow(({ method }) => method === "POST", "heeded");
  const { id } = (await first.call("POST", TRANSFERS, SENT)).body;
  await paid;
  await first.end("SIGKILL");
  expect(await db("transfers")).toMatchObject([{ id, status: "PENDING", error: null }]);
  // As if the next process came days later.
  stripe.transfers.forgetKeys();
  expect(await ended(await next())).toMatchObject({ id, status: "SUCCEEDED" });
  expect(stripe.transfers.made).toHaveLength(1);
});

test.each([
  [{ destination: "nowhere" }, "No such destination: 'nowhere'"],
  [{ amount: 2_000_000 }, "You have insufficient funds in your Stripe account."],
])("what Stripe refuses has failed, and says why: %o", async (changes, error) => {
  const { stripe, call } = await startStripeApp();
  await call("POST", TRANSFERS, { ...SENT, ...changes });
  expect(await ended({ call })).toMatchObject({ status: "FAILED", error });
  expect(postsTo(stripe)).toHaveLength(1);
  expect(stripe.transfers.made).toEqual([]);
});

test("a wrong key fails the transfer, and is not shown", async () => {
  const apiKey = "sk_test_wrong_wrong_wrong";
  const { call } = await startStripeApp(apiKey);
  await call("POST", TRANSFERS, SENT);
  expect(await ended({ call })).toMatchObject({
    ...{ status: "FAILED", error: "Invalid API Key provided: ***" },
  });
});

test("currencies that Stripe counts otherwise are converted, or refused where that is impossible", async () => {
  const { stripe, call } = await startStripeApp();
  expect(await call("POST", TRANSFERS, { ...SENT, asset: "MGA/2", amount: 701 })).toEqual({
    status: 400,
    body: expect.objectContaining({
      errorCode: "VALIDATION",
      errorMessage: "amount is finer than what Stripe counts MGA in",
    }),
  });
  expect((await call("GET", TRANSFERS)).body).toEqual({ data: [] });
  await call("POST", TRANSFERS, { ...SENT, asset: "MGA/2", amount: 700 });
  await ended({ call });
  expect(stripe.transfers.made).toMatchObject([{ amount: 7, currency: "mga" }]);
});

test.each([
  // Another attempt is under way.
  [409, {}, "thrown", 1],
  [409, { "stripe-should-retry": "true" }, "thrown", 4],
  [503, { "stripe-should-retry": "false" }, "thrown", 1],
  [503, {}, "thrown", 4],
  [402, {}, "refused", 1],
])(
  "an answer of %i with %o is %s, after so many attempts: %i",
  async (status, headers, end, attempts) => {
    const provider = await startProvider(() => ({ status, headers, json: {} }));
    const http = createHttpClient({ baseUrl: provider.url, perSecond: 1000 });
    const client = createTransferClient(http.within(new AbortController().signal), API_KEY);
    const transfer = { id: "1", destination: "acct_1", amount: 1n, currency: "USD", metadata: {} };
    const made = await client.create(transfer).catch(() => "thrown");
    expect(made).toEqual(
      end === "thrown"
        ? end
        : {
            ok: false,
            failure: { message: "POST /v1/transfers: answered 402", object: '{"status":402}' },
          },
    );
    expect(provider.seen).toHaveLength(attempts);
  },
);
