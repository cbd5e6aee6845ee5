import { expect, test, vi } from "vitest";
import { type PaymentsApp, startPaymentsApp } from "../paymentsApp.js";
import type { Mishap } from "./fakeProvider.js";
import { eventually, startKillableStage } from "./stage.js";
import { startWise, type Wise } from "./wise.js";
import { stepOf } from "./wiseOrders.js";

vi.setConfig({ testTimeout: 180_000 });

const CONFIG = { apiKey: "token-of-the-owner", pollingPeriod: "100ms" };
const ORDER = { amount: 1999, asset: "USD/2", source: "101", destination: "2002" };

type Call = PaymentsApp["call"];

async function startSending(): Promise<{ wise: Wise; app: PaymentsApp }> {
  const wise = await startWise();
  wise.profiles.push({ id: 101, type: "personal" }, { id: 202, type: "business" });
  const app = await startPaymentsApp({ WISE_API_URL: wise.url });
  expect((await app.call("POST", "/connectors/WISE", CONFIG)).status).toBe(204);
  return { wise, app };
}

async function send(call: Call, changes: object = {}): Promise<string> {
  const { status, body } = await call("POST", "/connectors/WISE/transfers", {
    ...ORDER,
    ...changes,
  });
  expect(status).toBe(200);
  return body.data.id;
}

/** "<status> <error>" of a transfer. */
async function standing(call: Call, id: string): Promise<string> {
  const { body } = await call("GET", "/connectors/WISE/transfers");
  const { status, error } = body.data.find((it: { id: string }) => it.id === id);
  return `${status} ${error}`;
}

/** "<status> <error>" of the task that makes a transfer. */
async function taskOf(call: Call, id: string): Promise<string> {
  const { body } = await call("GET", "/connectors/WISE/tasks?pageSize=100");
  const task = body.cursor.data.find(
    ({ descriptor }: { descriptor: { transfer: { id: string } } }) => descriptor.transfer.id === id,
  );
  return `${task.status} ${task.error}`.trim();
}

const countOf = ({ seen }: Wise, step: string): number =>
  seen.filter((one) => stepOf(one) === step).length;

/** Waits until transfers were looked at twice more. */
async function looks(wise: Wise): Promise<void> {
  const before = countOf(wise, "status");
  await eventually(() => expect(countOf(wise, "status")).toBeGreaterThan(before + 2));
}

test("a transfer is paid for once and followed until Wise has sent the money", async () => {
  const { wise, app } = await startSending();
  const id = await send(app.call);
  await eventually(() => expect(wise.sending.paid).toEqual(["19.99 USD from 101 to 2002"]));
  const [order] = wise.sending.orders;
  if (!order) throw new Error("nothing was set up");
  expect(order.key).toBe(id);

  await looks(wise);
  expect(await standing(app.call, id)).toBe("PENDING null");
  for (const status of ["funds_converted", "bounced_back", "something_new"]) {
    order.status = status;
    await looks(wise);
    expect(await standing(app.call, id)).toBe("PENDING null");
  }
  order.status = "outgoing_payment_sent";
  await eventually(async () => expect(await standing(app.call, id)).toBe("SUCCEEDED "));
  expect(await taskOf(app.call, id)).toBe("TERMINATED");
  expect(["quote", "create", "fund", "cancel"].map((step) => countOf(wise, step))).toEqual([
    ...[1, 1, 1, 0],
  ]);
  expect(await app.db("transfers")).toMatchObject([{ id, reference: String(order.id) }]);
  const { body } = await app.call("GET", "/connectors/WISE/tasks");
  const descriptors = body.cursor.data.map(({ descriptor }: never) => JSON.stringify(descriptor));
  expect(descriptors).toContain(
    `{"name":"Initiate transfer","key":"transfer","profileID":0,"transfer":{"id":"${id}","source":"101","destination":"2002","amount":1999,"currency":"USD"}}`,
  );
  expect(descriptors).toContain(
    '{"name":"Fetch transfers from client by profile","key":"fetch-transfers","profileID":101,"transfer":{"id":"00000000-0000-0000-0000-000000000000","source":"","destination":"","amount":0,"currency":""}}',
  );
});

test("minor units become the decimals of their currency, exactly", async () => {
  const { wise, app } = await startSending();
  await send(app.call, { amount: 500, asset: "JPY" });
  await send(app.call, { amount: 1234, asset: "KWD/3" });
  await send(app.call, {
    amount: 5,
    asset: "EUR/2",
    source: "202",
    destination: "900719925474099301",
  });
  await eventually(() =>
    expect(wise.sending.paid.toSorted()).toEqual([
      "0.05 EUR from 202 to 900719925474099301",
      "1.234 KWD from 101 to 2002",
      "500 JPY from 101 to 2002",
    ]),
  );
});

test.each([
  ["cancelled", "it was cancelled at Wise"],
  ["funds_refunded", "Wise has paid the money back"],
  ["charged_back", "the money was charged back"],
])("a transfer that ends as %s has failed", async (status, error) => {
  const { wise, app } = await startSending();
  const id = await send(app.call);
  await eventually(() => expect(wise.sending.paid).toHaveLength(1));
  for (const order of wise.sending.orders) order.status = status;
  await eventually(async () => expect(await standing(app.call, id)).toBe(`FAILED ${error}`));
  expect(await taskOf(app.call, id)).toBe("TERMINATED");
});

test("what the balance cannot pay is called off, for nobody to pay it later", async () => {
  const { wise, app } = await startSending();
  wise.sending.balance = 19;
  wise.sending.befall.set("fund", "cut off").set("cancel", "fails");
  const id = await send(app.call);
  await eventually(async () =>
    expect(await standing(app.call, id)).toBe(
      "FAILED Wise refused to pay it: transfer.insufficient_funds",
    ),
  );
  expect(wise.sending.orders).toMatchObject([{ status: "cancelled" }]);
  expect(wise.sending.paid).toEqual([]);
});

test("a transfer that a person pays for before it is called off is followed", async () => {
  const { wise, app } = await startSending();
  wise.sending.balance = 0;
  wise.sending.beforeCancel = (order) => {
    order.status = "processing";
  };
  const id = await send(app.call);
  await eventually(() => expect(countOf(wise, "cancel")).toBe(1));
  await looks(wise);
  expect(await standing(app.call, id)).toBe("PENDING null");
  for (const order of wise.sending.orders) order.status = "outgoing_payment_sent";
  await eventually(async () => expect(await standing(app.call, id)).toBe("SUCCEEDED "));
});

test("where Wise asks for a person, the task says what to do and goes on when it is done", async () => {
  const { wise, app } = await startSending();
  wise.sending.isStrict = true;
  const id = await send(app.call);
  await eventually(async () =>
    expect(await taskOf(app.call, id)).toBe(
      "ACTIVE Wise asks for strong customer authentication, which only a person can give: pay for transfer 50000 from the balance at wise.com, or cancel it there",
    ),
  );
  await looks(wise);
  expect(countOf(wise, "fund")).toBe(1);
  expect(await standing(app.call, id)).toBe("PENDING null");
  for (const order of wise.sending.orders) order.status = "processing";
  await eventually(async () => expect(await taskOf(app.call, id)).toBe("ACTIVE"));
  for (const order of wise.sending.orders) order.status = "outgoing_payment_sent";
  await eventually(async () => expect(await standing(app.call, id)).toBe("SUCCEEDED "));
});

test("a profile that is not there fails the transfer before anything is set up", async () => {
  const { wise, app } = await startSending();
  const id = await send(app.call, { source: "303" });
  await eventually(async () =>
    expect(await standing(app.call, id)).toBe(
      "FAILED there is no Wise profile 303 that the API key can use",
    ),
  );
  expect(countOf(wise, "quote")).toBe(0);
});

test.each([
  ["quote", "POST /v3/profiles/101/quotes"],
  ["create", "POST /v1/transfers"],
] as const)(
  "what Wise refuses with its %s has failed, and Wise's reason is told",
  async (step, request) => {
    const { wise, app } = await startSending();
    const errors = [{ code: "error.range", message: "Too little." }, { code: "error.other" }];
    wise.sending.refuse.set(step, { status: 422, json: { errors } });
    const id = await send(app.call);
    await eventually(async () =>
      expect(await standing(app.call, id)).toBe(
        `FAILED ${request}: answered 422: Too little.; error.other`,
      ),
    );
    expect(countOf(wise, "fund")).toBe(0);
  },
);

test("a payment that Wise refuses is called off", async () => {
  const { wise, app } = await startSending();
  wise.sending.refuse.set("fund", {
    status: 403,
    json: { message: "read only, token-of-the-owner" },
  });
  const id = await send(app.call);
  await eventually(async () =>
    expect(await standing(app.call, id)).toBe(
      "FAILED POST /v3/profiles/101/transfers/50000/payments: answered 403: read only, ***",
    ),
  );
  expect(wise.sending.orders).toMatchObject([{ status: "cancelled" }]);
});

test("an objection that is not explained by what the transfer has become is an error, and nothing is decided", async () => {
  const { wise, app } = await startSending();
  wise.sending.refuse.set("fund", { status: 409, json: { message: "busy" } });
  const id = await send(app.call);
  await eventually(async () =>
    expect(await taskOf(app.call, id)).toBe(
      "ACTIVE POST /v3/profiles/101/transfers/50000/payments: answered 409: busy",
    ),
  );
  expect(await standing(app.call, id)).toBe("PENDING null");
  wise.sending.refuse.clear();
  await eventually(() => expect(wise.sending.paid).toHaveLength(1));
  expect(countOf(wise, "cancel")).toBe(0);
});

test("whatever befalls an answer, the money moves once", async () => {
  const { wise, app } = await startSending();
  const steps = ["quote", "create", "fund", "status"] as const;
  const mishaps: readonly Mishap[] = ["fails", "cut off", "HTML", "too many"];
  const cases = steps
    .flatMap((step) => mishaps.map((mishap) => [step, mishap] as const))
    // A 429 tells that a request was not heeded, and is repeated.
    .filter(([step, mishap]) => step !== "fund" || mishap !== "too many");
  for (const [index, [step, mishap]] of cases.entries()) {
    wise.sending.befall.set(step, mishap);
    const id = await send(app.call, { amount: 100 + index });
    await eventually(() => expect(wise.sending.paid).toHaveLength(index + 1));
    for (const order of wise.sending.orders) order.status = "outgoing_payment_sent";
    await eventually(async () => expect(await standing(app.call, id)).toBe("SUCCEEDED "));
    expect(wise.sending.befall.size).toBe(0);
  }
  expect(wise.sending.paid).toEqual(
    cases.map((_, index) => `${((100 + index) / 100).toFixed(2)} USD from 101 to 2002`),
  );
});

test("kill -9 after any step: the money of each transfer moves once", async () => {
  const wise = await startWise();
  wise.profiles.push({ id: 101, type: "personal" });
  const stage = await startKillableStage("WISE", { WISE_API_URL: wise.url });
  await stage.install(CONFIG);
  const steps = ["quote", "create", "fund", "status"] as const;
  const ids: string[] = [];
  for (const step of steps) {
    const swallowed = wise.swallow((seen) => stepOf(seen) === step, "heeded");
    ids.push(await send(stage.call));
    await swallowed;
  }
  const paidBefore = wise.sending.paid.length;
  await stage.killAndRestart();
  await eventually(() => expect(wise.sending.paid).toHaveLength(steps.length));
  expect(paidBefore).toBe(1);
  for (const order of wise.sending.orders) order.status = "outgoing_payment_sent";
  for (const id of ids)
    await eventually(async () => expect(await standing(stage.call, id)).toBe("SUCCEEDED "));
  expect(wise.sending.paid).toHaveLength(steps.length);
  expect(wise.sending.orders.map(({ key }) => key).sort()).toEqual(ids.toSorted());
});

test.each([
  [{ source: "" }, "source must be the id of a Wise profile, a whole number"],
  [{ source: "acct_1" }, "source must be the id of a Wise profile, a whole number"],
  [
    { destination: "-5" },
    "destination must be the id of a recipient account at Wise, a whole number",
  ],
  [
    { destination: "007" },
    "destination must be the id of a recipient account at Wise, a whole number",
  ],
  [{ amount: 9_007_199_254_740_992 }, "amount is too large for Wise"],
])("refuses a transfer with %o, and leaves nothing behind", async (changes, message) => {
  const { app } = await startSending();
  expect(
    await app.call("POST", "/connectors/WISE/transfers", { ...ORDER, ...changes }),
  ).toMatchObject({ status: 400, body: { errorCode: "VALIDATION", errorMessage: message } });
  expect((await app.call("GET", "/connectors/WISE/transfers")).body.data).toEqual([]);
});
