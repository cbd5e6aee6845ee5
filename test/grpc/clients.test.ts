import { createClient, type Transport } from "@connectrpc/connect";
import { compressionGzip, createGrpcTransport } from "@connectrpc/connect-node";
import {
  Client,
  credentials,
  Metadata,
  type requestCallback,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import { describe, expect, onTestFinished, test } from "vitest";
import { LedgerService } from "../../gen/florin/ledger/v1/ledger_pb.js";
import { ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.js";
import { startGrpcServer } from "./bothPaths.js";
import { bytesOf, GET_ACCOUNT } from "./rawCalls.js";

describe.each([{ isFast: true }, { isFast: false }])("the fast path: $isFast", (path) => {
  test("grpc-js gets an answer, and metadata before and after it", async () => {
    const metadata = new Metadata();
    metadata.add("x-said", "one");
    metadata.add("x-said-bin", Buffer.from([222, 173]));
    const { url, leftToConnect } = await startGrpcServer(path);
    const call = callByGrpcJs(url, "metadata", "users:1", metadata);
    expect((await call.answer).toString()).toContain("users:1");
    expect((await call.before).get("x-heard")).toEqual(["one"]);
    expect((await call.before).get("x-heard-bin")).toEqual([Buffer.from([222, 173])]);
    expect((await call.after).get("x-last-bin")).toEqual([Buffer.from([0, 1, 2])]);
    expect(leftToConnect()).toBe(path.isFast ? 0 : 1);
  });

  test("grpc-js gets a long answer, which it unpacks", async () => {
    const { url } = await startGrpcServer(path);
    const address = "a".repeat(10_000);
    const call = callByGrpcJs(url, "main", address);
    expect((await call.answer).toString()).toContain(address);
  });

  test("grpc-js is told why it is refused", async () => {
    const { url } = await startGrpcServer(path);
    const error = await callByGrpcJs(url, "refuse").answer.catch((it: ServiceError) => it);
    expect(error).toMatchObject({ code: status.NOT_FOUND });
    const { metadata } = error as ServiceError;
    expect(metadata.get("retry-after")).toEqual(["1"]);
    expect(metadata.get("x-fact-bin")).toEqual([Buffer.from([0, 1, 2])]);
    expect(metadata.get("grpc-status-details-bin")).toEqual([expect.any(Buffer)]);
  });

  test("connect gets answers and refusals", async () => {
    const { url, leftToConnect } = await startGrpcServer(path);
    await getsAnswers(createGrpcTransport({ baseUrl: url }));
    expect(leftToConnect()).toBe(path.isFast ? 0 : 2);
  });

  test("connect gets them for requests in gzip, too", async () => {
    const { url, leftToConnect } = await startGrpcServer(path);
    const options = { sendCompression: compressionGzip, compressMinBytes: 1 };
    await getsAnswers(createGrpcTransport({ baseUrl: url, ...options }));
    expect(leftToConnect()).toBe(2);
  });
});

test("grpc-js reads messages with colons, which connect has escaped for it in vain", async () => {
  const { url } = await startGrpcServer({ isFast: true });
  const refused = callByGrpcJs(url, "refuse").answer;
  await expect(refused).rejects.toMatchObject({ details: "nö: 100%\n" });
});

/** One GetAccount by the reference implementation for Node, which asks for gzip on its own. */
function callByGrpcJs(url: string, ledger: string, address?: string, metadata = new Metadata()) {
  const client = new Client(new URL(url).host, credentials.createInsecure());
  onTestFinished(() => client.close());
  const bytes = Buffer.from(bytesOf(ledger, address));
  const same = (it: Buffer) => it;
  let settle: requestCallback<Buffer> = () => {};
  const answer = new Promise<Buffer>((resolve, reject) => {
    settle = (error, it) => (error === null ? resolve(it as Buffer) : reject(error));
  });
  const call = client.makeUnaryRequest(GET_ACCOUNT, same, same, bytes, metadata, {}, settle);
  const before = new Promise<Metadata>((resolve) => call.on("metadata", resolve));
  const after = new Promise<Metadata>((resolve) => call.on("status", (it) => resolve(it.metadata)));
  return { answer, before, after };
}

async function getsAnswers(transport: Transport): Promise<void> {
  const client = createClient(LedgerService, transport);
  const address = "a".repeat(10_000);
  const { data } = await client.getAccount({ ledger: "main", address });
  expect(data?.address).toBe(address);
  const error = await client.getAccount({ ledger: "refuse" }).catch((it) => it);
  expect(error).toMatchObject({ code: status.NOT_FOUND, rawMessage: "nö: 100%\n" });
  expect(error.metadata.get("retry-after")).toBe("1");
  expect(error.findDetails(ErrorInfoSchema)).toMatchObject([{ reason: "GONE" }]);
}
