import { mkdir, readdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { fail } from "../../src/lib/result.js";
import { testDb } from "../support/database.js";
import { eventually } from "../support/eventually.js";
import { freshFolder } from "../support/freshFolder.js";
import { install, paymentsOf } from "./fakeConnector.js";
import { type PaymentsApp, putFile, READS_ONLY, startPaymentsApp } from "./paymentsApp.js";
import { outboxOf } from "./support.js";

vi.setConfig({ testTimeout: 60_000 });

const DUMMY_PAY = "/connectors/DUMMY-PAY";

const referencesOf = async ({ call }: PaymentsApp): Promise<string[]> =>
  (await call("GET", "/payments?sort=reference:asc")).body.cursor.data.map(
    ({ reference }: { reference: string }) => reference,
  );

test("payments arrive by themselves some seconds after DUMMY-PAY is installed", async () => {
  const app = await startPaymentsApp();
  const config = { directory: "demo", filePollingPeriod: "1s", fileGenerationPeriod: "1s" };
  expect(await app.call("POST", DUMMY_PAY, config)).toEqual({ status: 204, body: undefined });
  const payment = await eventually(async () => {
    const { body } = await app.call("GET", "/payments");
    expect(body.cursor.data).not.toEqual([]);
    return body.cursor.data[0];
  });
  const { reference } = payment;
  expect(reference).toMatch(/^dummypay-generated-file-\d{19}$/);
  expect(payment).toMatchObject({
    ...{ provider: "DUMMY-PAY", asset: "DUMMYCOIN", accountID: "", raw: null, metadata: null },
    ...{ adjustments: [], sourceAccountID: "", destinationAccountID: "" },
    initialAmount: payment.amount,
  });
  expect(Buffer.from(payment.id, "base64url").toString()).toBe(
    `{"Provider":"DUMMY-PAY","Reference":"${reference}","Type":"${payment.type}"}`,
  );
  expect(await app.call("GET", `/payments/${payment.id}`)).toEqual({
    status: 200,
    body: { data: payment },
  });
});

test("a file that changes is a payment that has changed", async () => {
  const app = await startPaymentsApp();
  await putFile(app.root, "a");
  await app.call("POST", DUMMY_PAY, READS_ONLY);
  await eventually(async () => expect(await referencesOf(app)).toEqual(["a"]));
  await putFile(app.root, "a", { status: "SUCCEEDED", amount: 90 });
  const payment = await eventually(async () => {
    const { body } = await app.call("GET", "/payments");
    expect(body.cursor.data).toMatchObject([{ status: "SUCCEEDED" }]);
    return body.cursor.data[0];
  });
  expect(payment).toMatchObject({
    ...{ initialAmount: 100, amount: 90, raw: { name: "a" } },
    adjustments: [{ status: "SUCCEEDED", amount: 90, absolute: true, raw: { name: "a" } }],
  });
});

test("a file that means nothing fails its task and no other", async () => {
  const app = await startPaymentsApp();
  await putFile(app.root, "bad", { status: "PAID" });
  await putFile(app.root, "negative", { amount: -1 });
  await putFile(app.root, "good");
  await app.call("POST", DUMMY_PAY, READS_ONLY);
  await eventually(async () => {
    const { body } = await app.call("GET", `${DUMMY_PAY}/tasks?pageSize=100`);
    const errors = body.cursor.data.map(({ status, error }: never) => `${status} ${error}`);
    expect(errors).toContain('FAILED payment "bad": unknown status "PAID"');
    expect(errors).toContain('FAILED payment "negative": its amount is negative: -1');
    expect(errors).toContain("TERMINATED ");
  });
  expect(await referencesOf(app)).toEqual(["good"]);
});

test("a connector is installed once, listed, and shows its configuration and its tasks", async () => {
  const app = await startPaymentsApp();
  const { call } = app;
  expect((await call("GET", "/connectors")).body).toEqual({ data: [] });
  expect(
    (await call("POST", DUMMY_PAY, { directory: "x", fileGenerationPeriod: "10000h" })).status,
  ).toBe(204);
  const installed = (await call("GET", "/connectors")).body.data;
  expect(installed).toEqual([
    {
      ...{ provider: "DUMMY-PAY", enabled: true, disabled: false, name: "DUMMY-PAY" },
      connectorID: expect.stringMatching(/^[\da-f-]{36}$/),
    },
  ]);
  expect(await call("POST", "/connectors/dummy-pay", READS_ONLY)).toMatchObject({
    status: 409,
    body: { errorCode: "CONFLICT", errorMessage: "already installed" },
  });
  expect((await call("GET", `${DUMMY_PAY}/config`)).body.data).toEqual({
    ...{ provider: "Dummypay", name: "DUMMY-PAY", directory: "x" },
    ...{ filePollingPeriod: "10s", fileGenerationPeriod: "10000h0m0s" },
  });
  const { cursor } = (await call("GET", `${DUMMY_PAY}/tasks`)).body;
  const descriptors = cursor.data.map(({ descriptor }: never) => JSON.stringify(descriptor)).sort();
  expect(descriptors).toEqual([
    '{"name":"Generate files into a directory","key":"generate-files","fileName":""}',
    '{"name":"Read Files from directory","key":"read-files","fileName":""}',
  ]);
  const [task] = cursor.data;
  expect(Object.keys(task).sort()).toEqual([
    "connectorID",
    "connectorId",
    "createdAt",
    "descriptor",
    "error",
    "id",
    "state",
    "status",
    "updatedAt",
  ]);
  expect(task).toMatchObject({
    connectorId: installed[0].connectorID,
    connectorID: task.connectorId,
  });
  const { data } = (await call("GET", `${DUMMY_PAY}/tasks/${task.id}`)).body;
  expect(data).toMatchObject({ id: task.id, descriptor: task.descriptor });
});

test("what a configuration says is what the connector can be installed with again", async () => {
  const { call } = await startPaymentsApp();
  await call("POST", DUMMY_PAY, { ...READS_ONLY, filePollingPeriod: { duration: 1_500_000_000 } });
  const { data } = (await call("GET", `${DUMMY_PAY}/config`)).body;
  expect(data.filePollingPeriod).toBe("1.5s");
  expect((await call("DELETE", DUMMY_PAY)).status).toBe(204);
  expect((await call("POST", DUMMY_PAY, data)).status).toBe(204);
  expect((await call("GET", `${DUMMY_PAY}/config`)).body.data).toEqual(data);
});

test.each([
  [{}, "missing directory to watch"],
  ["", "missing directory to watch"],
  [
    { directory: "x", filePollingPeriod: "-1s" },
    "filePollingPeriod must be greater than 0: file polling period is invalid",
  ],
  [
    { directory: "x", fileGenerationPeriod: -1 },
    "fileGenerationPeriod must be greater than 0: file generation period is invalid",
  ],
  [{ directory: "../elsewhere" }, /^directory must lie below \//],
  [{ directory: "/etc" }, /^directory must lie below \//],
  [{ directory: 7 }, /directory/],
  [{ directory: "x", filePollingPeriod: "soon" }, /filePollingPeriod.*duration/],
  ["{", /invalid JSON/],
])("refuses to install with %o", async (config, message) => {
  const { call } = await startPaymentsApp();
  const { status, body } = await call("POST", DUMMY_PAY, config);
  expect(body).toMatchObject({
    errorCode: "VALIDATION",
    errorMessage: expect.stringMatching(message),
  });
  expect(status).toBe(400);
  expect((await call("GET", "/connectors")).body.data).toEqual([]);
});

test("a connector that this version does not have is said to be missing", async () => {
  expect(await install(paymentsOf(await testDb(), []), "MONEYCORP")).toEqual(
    fail({ kind: "connector-missing", provider: "MONEYCORP" }),
  );
});

test.each([
  ["GET", "/config"],
  ["GET", "/tasks"],
  ["GET", "/tasks/00000000-0000-4000-8000-000000000000"],
  ["POST", "/reset"],
  ["DELETE", ""],
])("%s …%s of a connector that is not installed is 404", async (method, path) => {
  const { call } = await startPaymentsApp();
  expect(await call(method, `${DUMMY_PAY}${path}`)).toMatchObject({
    status: 404,
    body: { errorCode: "NOT_FOUND", errorMessage: "not installed" },
  });
});

test("tasks that are not there, and ids that are none, are told apart", async () => {
  const { call } = await startPaymentsApp();
  await call("POST", DUMMY_PAY, READS_ONLY);
  expect(await call("GET", `${DUMMY_PAY}/tasks/task1`)).toMatchObject({ status: 400 });
  const unknown = `${DUMMY_PAY}/tasks/00000000-0000-4000-8000-000000000000`;
  expect(await call("GET", unknown)).toMatchObject({
    status: 404,
    body: { errorCode: "NOT_FOUND" },
  });
});

test("what is uninstalled is gone, and its files too, and the others hear of it", async () => {
  const app = await startPaymentsApp({
    EVENTS_HTTP_URL: "http://127.0.0.1:9",
    EVENTS_HTTP_SECRET: "x".repeat(24),
  });
  await putFile(app.root, "a");
  await app.call("POST", DUMMY_PAY, READS_ONLY);
  await eventually(async () => expect(await referencesOf(app)).toEqual(["a"]));
  const { body } = await app.call("GET", "/payments");
  await app.call("PATCH", `/payments/${body.cursor.data[0].id}/metadata`, { order: "1" });
  expect((await app.call("DELETE", DUMMY_PAY)).status).toBe(204);
  expect(await referencesOf(app)).toEqual([]);
  for (const table of ["connectors", "connector_tasks", "payments", "payment_metadata_log"]) {
    expect(await app.db(table), table).toEqual([]);
  }
  expect(await readdir(join(app.root, "files"))).toEqual([]);
  expect(await outboxOf(app.db)).toEqual([
    "0 SAVED_PAYMENT a PENDING 100",
    "1 CONNECTOR_RESET DUMMY-PAY",
  ]);
});

test("after a reset a payment comes back under its id, without its metadata", async () => {
  const app = await startPaymentsApp();
  await app.call("POST", DUMMY_PAY, READS_ONLY);
  await putFile(app.root, "a");
  const before = await eventually(async () => {
    const { body } = await app.call("GET", "/payments");
    expect(body.cursor.data).toHaveLength(1);
    return body.cursor.data[0];
  });
  await app.call("PATCH", `/payments/${before.id}/metadata`, { order: "1" });
  expect((await app.call("POST", `${DUMMY_PAY}/reset`)).status).toBe(204);
  await putFile(app.root, "a");
  const after = await eventually(async () => {
    const { body } = await app.call("GET", "/payments");
    expect(body.cursor.data).toHaveLength(1);
    return body.cursor.data[0];
  });
  expect(after).toMatchObject({ id: before.id, metadata: null });
  expect(after.connectorID).not.toBe(before.connectorID);
});

test("no link leads out of the folder that the operator allows", async () => {
  const app = await startPaymentsApp();
  const outside = await freshFolder();
  await symlink(outside, join(app.root, "link"));
  const config = { filePollingPeriod: "50ms", fileGenerationPeriod: "50ms" };
  for (const directory of ["link", "link/below"]) {
    expect((await app.call("POST", DUMMY_PAY, { ...config, directory })).status).toBe(204);
    await eventually(async () => {
      const { body } = await app.call("GET", `${DUMMY_PAY}/tasks`);
      const errors: string[] = body.cursor.data.map(({ error }: { error: string }) => error);
      expect(errors.filter((it) => it !== "")).not.toEqual([]);
      expect(errors.join()).toMatch(/leads elsewhere/);
    });
    expect((await app.call("DELETE", DUMMY_PAY)).status).toBe(204);
  }
  await mkdir(join(app.root, "files"));
  await putFile(outside, "secret");
  const name = "dummypay-generated-file-secret.json";
  await symlink(join(outside, "files", name), join(app.root, "files", name));
  await app.call("POST", DUMMY_PAY, READS_ONLY);
  await eventually(async () => {
    const { body } = await app.call("GET", `${DUMMY_PAY}/tasks`);
    expect(body.cursor.data.map(({ status }: never) => status)).toContain("FAILED");
  });
  expect(await readdir(outside)).toEqual(["files"]);
  expect(await referencesOf(app)).toEqual([]);
});

test("metadata is merged key by key", async () => {
  const app = await startPaymentsApp();
  const { call } = app;
  await putFile(app.root, "a");
  await call("POST", DUMMY_PAY, READS_ONLY);
  await eventually(async () => expect(await referencesOf(app)).toEqual(["a"]));
  const { id } = (await call("GET", "/payments")).body.cursor.data[0];
  const path = `/payments/${id}/metadata`;
  expect(await call("PATCH", path, { order: "1", note: null })).toEqual({
    status: 204,
    body: undefined,
  });
  expect((await call("PATCH", path, { order: "2", zone: "x" })).status).toBe(204);
  expect((await call("PATCH", path, {})).status).toBe(204);
  expect((await call("GET", `/payments/${id}`)).body.data.metadata).toEqual({
    note: "",
    order: "2",
    zone: "x",
  });
  expect(
    await app.db("payment_metadata_log").where({ key: "order" }).orderBy("number").pluck("value"),
  ).toEqual(["1", "2"]);
  for (const body of [{ order: 1 }, { order: { a: "b" } }, "[]", "", "null"]) {
    expect((await call("PATCH", path, body)).status, JSON.stringify(body)).toBe(400);
  }
  expect((await call("PATCH", "/payments/nonsense/metadata", {})).status).toBe(400);
  const other = Buffer.from('{"Provider":"WISE","Reference":"1","Type":"OTHER"}').toString(
    "base64url",
  );
  expect((await call("PATCH", `/payments/${other}/metadata`, {})).status).toBe(404);
  expect((await call("GET", `/payments/${other}`)).status).toBe(404);
});

test("metadata of a payment has an end, however many calls it comes in, and whenever they come", async () => {
  const app = await startPaymentsApp();
  const { call } = app;
  await putFile(app.root, "a");
  await call("POST", DUMMY_PAY, READS_ONLY);
  await eventually(async () => expect(await referencesOf(app)).toEqual(["a"]));
  const { id } = (await call("GET", "/payments")).body.cursor.data[0];
  const path = `/payments/${id}/metadata`;
  const metadata = async () => (await call("GET", `/payments/${id}`)).body.data.metadata;

  const full = { "€": "€".repeat(21_844), x: "" };
  expect((await call("PATCH", path, full)).status).toBe(204);
  expect(await call("PATCH", path, { x: "yz", "€": full["€"] })).toEqual({
    status: 400,
    body: expect.objectContaining({
      errorCode: "VALIDATION",
      errorMessage:
        "metadata: a payment has 65536 bytes of keys and values at most, and would have 65538",
    }),
  });
  expect(await metadata()).toEqual(full);
  expect(await app.db("payment_metadata_log").pluck("key")).toEqual(["x", "€"]);

  expect((await call("PATCH", path, { "€": "" })).status).toBe(204);
  const race = Array.from({ length: 10 }, (_, index) =>
    call("PATCH", path, { [`key ${index}`]: "x".repeat(10_000) }),
  );
  const statuses = (await Promise.all(race)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 204)).toHaveLength(6);
  expect(statuses.filter((status) => status === 400)).toHaveLength(4);
  expect(Object.keys(await metadata())).toHaveLength(8);
});

test("a transfer is refused in this order: its form, no connector, no support; nothing is left behind", async () => {
  const app = await startPaymentsApp();
  const { call } = app;
  const path = `${DUMMY_PAY}/transfers`;
  const good = { amount: 100, asset: "USD/2", destination: "x" };
  const refusals = [
    [{}, 400, "amount must be greater than 0"],
    [{ ...good, amount: 0 }, 400, "amount must be greater than 0"],
    [{ ...good, asset: "" }, 400, "asset is required"],
    [{ ...good, asset: "US" }, 400, "asset is invalid"],
    [{ ...good, destination: "" }, 400, "destination is required"],
    [good, 404, "connector not installed"],
  ] as const;
  for (const [body, status, errorMessage] of refusals) {
    expect(await call("POST", path, body)).toMatchObject({ status, body: { errorMessage } });
  }
  expect(await call("GET", path)).toMatchObject({ status: 404 });
  expect(await call("POST", "/connectors/stripe/transfers", good)).toMatchObject({
    status: 404,
    body: { errorMessage: "not installed" },
  });
  await call("POST", DUMMY_PAY, READS_ONLY);
  expect(await call("POST", path, good)).toMatchObject({
    status: 400,
    body: { errorCode: "VALIDATION", errorMessage: "connector does not support transfers" },
  });
  expect(await call("GET", path)).toEqual({ status: 200, body: { data: [] } });
});

test("the templates say what connectors are configured by", async () => {
  const { call } = await startPaymentsApp();
  expect((await call("GET", "/connectors/configs")).body).toMatchObject({
    data: {
      "DUMMY-PAY": {
        directory: { dataType: "string", required: true },
        fileGenerationPeriod: { dataType: "duration ns", required: false },
        filePollingPeriod: { dataType: "duration ns", required: true },
      },
    },
  });
});

test("connectors are named in capitals or in small letters", async () => {
  const { call } = await startPaymentsApp();
  expect((await call("POST", "/connectors/dummy-pay", READS_ONLY)).status).toBe(204);
  expect((await call("GET", "/connectors/DUMMY-PAY/config")).status).toBe(200);
  expect((await call("GET", "/connectors/Dummy-Pay/config")).status).toBe(404);
});
