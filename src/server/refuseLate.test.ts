import { Code, ConnectError, createClient } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { expect, test } from "vitest";
import { LedgerService } from "../../gen/florin/ledger/v1/ledger_pb.js";
import { RetryInfoSchema } from "../../gen/google/rpc/error_details_pb.js";
import { startListener } from "../../test/support/listener.js";
import { refuseLate } from "./refuseLate.js";

const PATHS = new Set(["/florin.ledger.v1.LedgerService/GetAccount"]);

const start = (isLate: boolean) => {
  const door = { isLate: () => isLate, admit: () => null, enter: () => () => {} };
  return startListener({
    handler: refuseLate((_, response) => void response.end("let in"), door, PATHS),
  });
};

test.each([
  ["gRPC", createGrpcTransport],
  ["gRPC-Web", createGrpcWebTransport],
  ["Connect", createConnectTransport],
] as const)("a call over %s that comes late is told to come again", async (_, createTransport) => {
  const { port } = await start(true);
  const transport = createTransport({ baseUrl: `http://127.0.0.1:${port}`, httpVersion: "2" });
  const client = createClient(LedgerService, transport);
  const refused = await client.getAccount({}).catch((error: unknown) => ConnectError.from(error));
  if (!(refused instanceof ConnectError)) throw new Error("it was not refused");
  expect(refused.code).toBe(Code.ResourceExhausted);
  expect(refused.rawMessage).toBe("too many calls are under way: try again later");
  expect(refused.metadata.get("retry-after")).toBe("1");
  expect(refused.findDetails(RetryInfoSchema)).toMatchObject([{ retryDelay: { seconds: 1n } }]);
});

test.each([
  [false, "GetAccount", "application/grpc"],
  [true, "WatchLogs", "application/grpc"],
  [true, "GetAccount", "text/plain"],
])("late %s, %s as %s is let in", async (isLate, method, type) => {
  const { port } = await start(isLate);
  const answer = await fetch(`http://127.0.0.1:${port}/florin.ledger.v1.LedgerService/${method}`, {
    method: "POST",
    headers: { "content-type": type },
  });
  expect(await answer.text()).toBe("let in");
});
