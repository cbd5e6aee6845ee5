import { findTrailerError } from "@connectrpc/connect/protocol-grpc";
import { type ServiceError, status } from "@grpc/grpc-js";
import type { PackageDefinition } from "@grpc/proto-loader";
import { expect, test } from "vitest";
import { type ErrorInfo, ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.js";
import { startTestApp } from "../support/app.js";
import { fromReflection } from "./fromReflection.js";
import { fromProtoFile, grpcJsClient } from "./grpcJsClient.js";

const LEDGER = "florin.ledger.v1.LedgerService";
const LEDGER_FILE = "florin/ledger/v1/ledger.proto";

const posting = (source: string, amount: string) => ({
  source,
  destination: "users:1",
  asset: "EUR/2",
  amount,
});

test("grpc-js creates and reads a transaction, from the proto files", async () => {
  const app = await startTestApp();
  await createsAndReads(fromProtoFile(LEDGER_FILE), { url: app.url, token: await app.token() });
});

test("grpc-js creates and reads a transaction, knowing nothing but what reflection tells", async () => {
  const app = await startTestApp();
  const { services, definition } = await fromReflection(app.url, LEDGER);
  expect(services).toEqual(expect.arrayContaining([LEDGER, "grpc.health.v1.Health"]));
  await createsAndReads(definition, { url: app.url, token: await app.token() });
});

async function createsAndReads(
  definition: PackageDefinition,
  server: { url: string; token: string },
): Promise<void> {
  const { call } = grpcJsClient(definition, LEDGER, server);
  // 2^53 + 1 fits no double, 40 digits do not fit 64 bits either.
  const postings = [
    posting("world", "9007199254740993"),
    posting("world", "1234567890123456789012345678901234567890"),
  ];
  const made = await call<{ data: { txid: string }[] }>("CreateTransaction", {
    ledger: "main",
    transaction: { postings },
  });
  expect(made.data).toMatchObject([{ txid: "0", postings }]);
  const read = await call<{ data: object }>("GetTransaction", { ledger: "main", txid: "0" });
  expect(read.data).toEqual(made.data[0]);
}

test("grpc-js is told why: the status, and in ErrorInfo the reason and the facts", async () => {
  const app = await startTestApp();
  const server = { url: app.url, token: await app.token() };
  const { call } = grpcJsClient(fromProtoFile(LEDGER_FILE), LEDGER, server);
  const transaction = { postings: [posting("users:2", "5")] };
  const refusal: ServiceError = await call("CreateTransaction", {
    ledger: "main",
    transaction,
  }).then(
    () => expect.unreachable("paid"),
    (error) => error,
  );
  expect(refusal.code).toBe(status.FAILED_PRECONDITION);
  expect(refusal.details).toBe("balance.insufficient.EUR/2");
  expect(errorInfo(refusal)).toMatchObject({
    reason: "INSUFFICIENT_FUNDS",
    domain: "florin",
    metadata: {
      errorCode: "INSUFFICIENT_FUND",
      account: "users:2",
      asset: "EUR/2",
      needed: "5",
      available: "0",
    },
  });
});

/** The detail in the trailer `grpc-status-details-bin`, as grpc-js hands it over. */
function errorInfo(error: ServiceError): ErrorInfo | undefined {
  const [details] = error.metadata.get("grpc-status-details-bin");
  if (!Buffer.isBuffer(details)) return undefined;
  const trailer = new Headers({
    "grpc-status": String(error.code),
    "grpc-status-details-bin": details.toString("base64"),
  });
  return findTrailerError(trailer)?.findDetails(ErrorInfoSchema)[0];
}

test("grpc-js without a token is UNAUTHENTICATED", async () => {
  const { url } = await startTestApp();
  const { call } = grpcJsClient(fromProtoFile(LEDGER_FILE), LEDGER, { url });
  await expect(call("ReadStats", { ledger: "main" })).rejects.toMatchObject({
    code: status.UNAUTHENTICATED,
  });
});
