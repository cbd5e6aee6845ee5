import { setTimeout as sleep } from "node:timers/promises";
import {
  Code,
  ConnectError,
  createClient,
  createRouterTransport,
  type ServiceImpl,
} from "@connectrpc/connect";
import { pino } from "pino";
import { expect, test } from "vitest";
import { LedgerService } from "../../../gen/florin/ledger/v1/ledger_pb.js";
import { maskUnknownErrors } from "./maskUnknownErrors.js";

function start(implementation: Partial<ServiceImpl<typeof LedgerService>>) {
  const lines: string[] = [];
  const logger = pino({ base: null }, { write: (line) => void lines.push(line) });
  const transport = createRouterTransport(({ service }) => service(LedgerService, implementation), {
    router: { interceptors: [maskUnknownErrors(logger)] },
  });
  return {
    client: createClient(LedgerService, transport),
    log: () => lines.map((it) => JSON.parse(it)),
  };
}

const fail = (error: unknown) => ({
  getInfo() {
    throw error;
  },
});

test("of a fault of ours callers learn nothing, and the log all, once", async () => {
  const fault = new TypeError("secret is undefined", { cause: new Error("deep cause") });
  const { client, log } = start(fail(fault));
  await expect(client.getInfo({})).rejects.toMatchObject({
    code: Code.Internal,
    rawMessage: "internal error",
  });
  expect(log()).toHaveLength(1);
  expect(log()[0]).toMatchObject({
    rpc: "florin.ledger.v1.LedgerService/GetInfo",
    err: { type: "TypeError" },
  });
  expect(log()[0].err.stack).toContain("deep cause");
});

test("what breaks in the middle of a stream is masked too", async () => {
  const { client, log } = start({
    async *watchLogs() {
      yield {};
      throw new Error("secret");
    },
  });
  const read = async () => {
    for await (const _ of client.watchLogs({}));
  };
  await expect(read()).rejects.toMatchObject({ code: Code.Internal, rawMessage: "internal error" });
  expect(log()).toHaveLength(1);
});

test("what is meant for callers passes, and is not logged as a fault", async () => {
  const { client, log } = start(fail(new ConnectError("no such ledger", Code.NotFound)));
  await expect(client.getInfo({})).rejects.toMatchObject({
    code: Code.NotFound,
    rawMessage: "no such ledger",
  });
  expect(log()).toEqual([]);
});

test("a database out of reach is UNAVAILABLE, with a hint when to try again", async () => {
  const { client, log } = start(fail(new Error("Connection terminated unexpectedly")));
  const error = await client.getInfo({}).catch(ConnectError.from);
  expect(error).toMatchObject({ code: Code.Unavailable });
  expect((error as ConnectError).metadata.get("retry-after")).toBe("1");
  expect(log()).toHaveLength(1);
});

test("what stops because its call was canceled is no fault", async () => {
  const { client, log } = start({
    async getInfo(_request, { signal }) {
      await sleep(60_000, undefined, { signal });
      return {};
    },
  });
  const canceled = client.getInfo({}, { timeoutMs: 20 });
  await expect(canceled).rejects.toMatchObject({ code: Code.DeadlineExceeded });
  expect(log()).toEqual([]);
});
