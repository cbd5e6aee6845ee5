import { SDK } from "@formance/formance-sdk";
import { Connector } from "@formance/formance-sdk/sdk/models/shared/index.js";
import { expect, test } from "vitest";
import { putFile, READS_ONLY, startPaymentsApp } from "../payments/paymentsApp.js";
import { startStripeApp } from "../payments/providers/stripeApp.js";
import { eventually } from "../support/eventually.js";

test("the Formance SDK reads payments, connectors, configurations and tasks", async () => {
  const app = await startPaymentsApp();
  const sdk = new SDK({
    serverURL: app.url,
    security: { clientID: app.clientId, clientSecret: app.clientSecret },
  });
  const { v1 } = sdk.payments;
  expect((await v1.paymentsgetServerInfo()).paymentsServerInfo?.version).toMatch(/^v/);
  // Its install wants an answer that the document does not have.
  await app.call("POST", "/connectors/DUMMY-PAY", READS_ONLY);
  for (const name of ["a", "b", "c"]) await putFile(app.root, name);
  await putFile(app.root, "c", { status: "SUCCEEDED" });
  await eventually(async () =>
    expect((await v1.listPayments({})).paymentsCursor?.cursor.data).toHaveLength(3),
  );

  const first = (await v1.listPayments({ pageSize: 2, sort: ["reference:asc"] })).paymentsCursor
    ?.cursor;
  expect(first).toMatchObject({ pageSize: 2, hasMore: true });
  expect(first?.data.map(({ reference }) => reference)).toEqual(["a", "b"]);
  const second = (await v1.listPayments({ cursor: first?.next ?? "" })).paymentsCursor?.cursor;
  expect(second).toMatchObject({ pageSize: 2, hasMore: false, data: [{ reference: "c" }] });

  const paymentId = first?.data[0]?.id ?? "";
  await v1.updateMetadata({ paymentId, requestBody: { order: "1" } });
  expect((await v1.getPayment({ paymentId })).paymentResponse?.data).toMatchObject({
    ...{ id: paymentId, provider: "DUMMY-PAY", initialAmount: 100n, asset: "DUMMYCOIN" },
    metadata: { order: "1" },
  });

  const connectors = (await v1.listAllConnectors()).connectorsResponse?.data;
  expect(connectors).toMatchObject([{ provider: "DUMMY-PAY", enabled: true }]);
  const configs = (await v1.listConfigsAvailableConnectors()).connectorsConfigsResponse?.data;
  expect(configs).toMatchObject({ "DUMMY-PAY": {}, STRIPE: {} });
  const connector = Connector.DummyPay;
  const config = (await v1.readConnectorConfig({ connector })).connectorConfigResponse?.data;
  expect(config).toMatchObject({
    provider: "Dummypay",
    directory: "files",
    filePollingPeriod: "100ms",
  });
  const tasks = (await v1.listConnectorTasks({ connector })).tasksCursor?.cursor.data;
  expect(tasks).toHaveLength(5);
  const taskId = tasks?.[0]?.id ?? "";
  expect((await v1.getConnectorTask({ connector, taskId })).taskResponse?.data).toMatchObject({
    id: taskId,
  });
  expect((await v1.paymentslistAccounts({})).accountsCursor?.cursor.data).toEqual([]);

  await v1.resetConnector({ connector });
  await v1.uninstallConnector({ connector });
  expect((await v1.listAllConnectors()).connectorsResponse?.data).toEqual([]);
  await expect(v1.getPayment({ paymentId })).rejects.toMatchObject({ errorCode: "NOT_FOUND" });
});

test("the Formance SDK asks for a transfer", async () => {
  const { url, clientId: clientID, clientSecret, stripe, call } = await startStripeApp();
  const sdk = new SDK({ serverURL: url, security: { clientID, clientSecret } });
  const transferRequest = { amount: 700n, asset: "USD/2", destination: "acct_1" };
  const { transferResponse } = await sdk.payments.v1.connectorsTransfer({
    ...{ connector: Connector.Stripe, transferRequest },
  });
  await eventually(() => expect(stripe.transfers.made).toMatchObject([{ amount: 700 }]));
  // The SDK has no list of them.
  const { data } = (await call("GET", "/connectors/stripe/transfers")).body;
  expect(data).toMatchObject([{ id: transferResponse?.id, amount: 700, asset: "USD" }]);
});
