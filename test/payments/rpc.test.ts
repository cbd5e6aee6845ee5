import {
  type Client,
  Code,
  ConnectError,
  createClient,
  createRouterTransport,
} from "@connectrpc/connect";
import { beforeEach, describe, expect, test } from "vitest";
import { Connector } from "../../gen/florin/payments/v1/connector_pb.js";
import { PaymentStatus, PaymentType } from "../../gen/florin/payments/v1/payment_pb.js";
import { PaymentsService } from "../../gen/florin/payments/v1/payments_pb.js";
import { TaskStatus } from "../../gen/florin/payments/v1/task_pb.js";
import { ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.js";
import { paymentsService } from "../../src/payments/service.js";
import { testDb } from "../support/database.js";
import { eventually } from "../support/eventually.js";
import { rpcWires } from "../support/rpcs.js";
import { paymentsOf } from "./fakeConnector.js";
import { type PaymentsApp, putFile, startPaymentsApp } from "./paymentsApp.js";

const connector = Connector.DUMMY_PAY;
const config = {
  config: {
    case: "dummyPay",
    value: {
      directory: "files",
      filePollingPeriod: { nanos: 100_000_000 },
      fileGenerationPeriod: { seconds: 1_000_000n },
    },
  },
} as const;

const refusal = (call: Promise<unknown>) =>
  call.then(
    () => "no refusal",
    (error) => {
      const { code, rawMessage } = ConnectError.from(error);
      const [info] = ConnectError.from(error).findDetails(ErrorInfoSchema);
      return `${Code[code]} ${info?.reason} ${info?.metadata["errorCode"]}: ${rawMessage}`;
    },
  );

describe.each(["gRPC", "gRPC-Web", "Connect"] as const)("over %s", (wire) => {
  let app: PaymentsApp;
  let client: Client<typeof PaymentsService>;

  beforeEach(async () => {
    app = await startPaymentsApp();
    const token = await app.token();
    const transport = rpcWires(app.url)[wire];
    client = createClient(PaymentsService, {
      ...transport,
      unary: (method, signal, timeoutMs, header, input, values) =>
        transport.unary(
          method,
          signal,
          timeoutMs,
          { ...header, authorization: `Bearer ${token}` },
          input,
          values,
        ),
    });
  });

  test("a connector is installed, brings payments, is reset and uninstalled", async () => {
    await putFile(app.root, "a");
    await client.installConnector({ connector, config });
    const payment = await eventually(async () => {
      const { cursor } = await client.listPayments({});
      expect(cursor?.data).toHaveLength(1);
      return cursor?.data[0];
    });
    expect(payment).toMatchObject({
      ...{ reference: "a", initialAmount: "100", amount: "100", raw: '{"name":"a"}' },
      ...{ type: PaymentType.PAY_IN, status: PaymentStatus.PENDING, provider: connector },
    });
    const paymentId = payment?.id ?? "";
    await client.updateMetadata({ paymentId, metadata: { order: "1" } });
    const tooMuch = client.updateMetadata({ paymentId, metadata: { note: "x".repeat(65_527) } });
    expect(await refusal(tooMuch)).toBe(
      "InvalidArgument METADATA_TOO_LARGE VALIDATION: metadata: a payment has 65536 bytes of keys and values at most, and would have 65537",
    );
    expect((await client.getPayment({ paymentId })).data?.metadata).toEqual({ order: "1" });
    const { data } = await client.readConnectorConfig({ connector });
    expect(data).toMatchObject({ provider: "Dummypay", name: "DUMMY-PAY", config });
    const tasks = (await client.listConnectorTasks({ connector })).cursor?.data ?? [];
    expect(tasks.map(({ status }) => status)).toContain(TaskStatus.ACTIVE);
    await client.resetConnector({ connector });
    await client.uninstallConnector({ connector });
    expect((await client.listAllConnectors({})).data).toEqual([]);
  });

  test("refusals say exactly what is wrong", async () => {
    await client.installConnector({ connector, config });
    expect(await refusal(client.installConnector({ connector, config }))).toBe(
      "AlreadyExists ALREADY_INSTALLED CONFLICT: already installed",
    );
    expect(await refusal(client.uninstallConnector({ connector: Connector.WISE }))).toBe(
      "NotFound NOT_INSTALLED NOT_FOUND: not installed",
    );
    expect(await refusal(client.installConnector({ connector: Connector.STRIPE, config }))).toBe(
      "InvalidArgument CONFIG_OF_ANOTHER VALIDATION: the configuration is not one of STRIPE",
    );
    expect(await refusal(client.installConnector({}))).toBe(
      "InvalidArgument CONNECTOR_UNKNOWN VALIDATION: there is no such connector",
    );
    expect(await refusal(client.listConnectorTasks({ connector: 99 as Connector }))).toMatch(
      /^InvalidArgument/,
    );
    expect(await refusal(client.getPayment({ paymentId: "x" }))).toBe(
      "NotFound PAYMENT_NOT_FOUND NOT_FOUND: payment not found",
    );
    expect(await refusal(client.listPayments({ sort: ["date:up"] }))).toBe(
      "InvalidArgument INVALID_SORT VALIDATION: sort order not well specified, got up",
    );
    const far = { seconds: 315_576_000_000n };
    const endless = { config: { case: "dummyPay", value: { filePollingPeriod: far } } } as const;
    expect(await refusal(client.installConnector({ connector, config: endless }))).toBe(
      "InvalidArgument DURATION_OUT_OF_RANGE VALIDATION: filePollingPeriod is no duration",
    );
  });
});

test("a connector that this version does not have is UNIMPLEMENTED", async () => {
  const parts = { payments: paymentsOf(await testDb(), []), version: "1" };
  const transport = createRouterTransport(({ service }) =>
    service(PaymentsService, paymentsService(parts)),
  );
  const client = createClient(PaymentsService, transport);
  expect(await refusal(client.installConnector({ connector: Connector.MONEYCORP }))).toBe(
    "Unimplemented CONNECTOR_MISSING INTERNAL: this version of Florin has no connector for MONEYCORP",
  );
});
