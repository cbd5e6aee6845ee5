import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { expect, test, vi } from "vitest";
import { Connector } from "../../gen/florin/payments/v1/connector_pb.js";
import { PaymentsService } from "../../gen/florin/payments/v1/payments_pb.js";
import { TransferStatus } from "../../gen/florin/payments/v1/transfer_pb.js";
import { ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.js";
import { eventually } from "../support/eventually.js";
import { rpcWires } from "../support/rpcs.js";
import { startStripeApp } from "./providers/stripeApp.js";

vi.setConfig({ testTimeout: 60_000 });

const transfer = { amount: "700", asset: "USD/2", destination: "acct_1" };
const connector = Connector.STRIPE;

const refusal = (call: Promise<unknown>) =>
  call.then(
    () => "no refusal",
    (error) => {
      const { code, rawMessage } = ConnectError.from(error);
      const [info] = ConnectError.from(error).findDetails(ErrorInfoSchema);
      return `${Code[code]} ${info?.reason} ${info?.metadata["errorCode"]}: ${rawMessage}`;
    },
  );

test.each(["gRPC", "gRPC-Web", "Connect"] as const)("transfers over %s", async (wire) => {
  const { url, stripe, call, token } = await startStripeApp();
  const client = createClient(PaymentsService, rpcWires(url)[wire]);
  const headers = { authorization: `Bearer ${await token()}` };
  const hits: (string | null)[] = [];
  const options = {
    headers,
    onHeader: (header: Headers) => {
      hits.push(header.get("idempotency-hit"));
    },
  };

  const request = { connector, transfer, idempotencyKey: "key" };
  const first = await client.connectorsTransfer(request, options);
  expect(first.data?.id).toBe(first.id);
  expect((await client.connectorsTransfer(request, options)).id).toBe(first.id);
  // As a header, where all other wires have it.
  const byHeader = { headers: { ...headers, "idempotency-key": "key" } };
  expect((await client.connectorsTransfer({ connector, transfer }, byHeader)).id).toBe(first.id);
  expect(hits).toEqual([null, "true"]);
  const other = { ...request, transfer: { ...transfer, amount: "701" } };
  expect(await refusal(client.connectorsTransfer(other, options))).toBe(
    "InvalidArgument IDEMPOTENCY_KEY_REUSED VALIDATION: the idempotency key was used for another request",
  );
  const long = { ...request, idempotencyKey: "k".repeat(256) };
  expect(await refusal(client.connectorsTransfer(long, options))).toBe(
    "InvalidArgument INVALID_IDEMPOTENCY_KEY VALIDATION: invalid idempotency key: it must have 1 to 255 characters",
  );
  await eventually(async () => {
    const { data } = await client.listConnectorsTransfers({ connector }, options);
    expect(data).toMatchObject([
      {
        ...{ id: first.id, amount: "700", asset: "USD", destination: "acct_1", source: "" },
        ...{ status: TransferStatus.SUCCEEDED, error: "" },
      },
    ]);
  });
  expect((await call("GET", "/connectors/STRIPE/transfers")).body.data).toHaveLength(1);

  hits.length = 0;
  const direct = { transfer: { ...transfer, metadata: { order: "1" } }, idempotencyKey: "now" };
  const answer = await client.connectorsStripeTransfer(direct, options);
  expect(JSON.parse(answer.data)).toEqual(stripe.transfers.made[1]);
  expect((await client.connectorsStripeTransfer(direct, options)).data).toBe(answer.data);
  expect(hits).toEqual([null, "true"]);
  const nowhere = { transfer: { ...transfer, destination: "nowhere" } };
  expect(await refusal(client.connectorsStripeTransfer(nowhere, options))).toMatch(
    /^InvalidArgument TRANSFER_REFUSED VALIDATION: \{.*No such destination/,
  );
  expect(stripe.transfers.made).toHaveLength(2);
});
