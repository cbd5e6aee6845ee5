import { Code, type ConnectError, createClient, createRouterTransport } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { LedgerService } from "../../../gen/florin/ledger/v1/ledger_pb.js";
import { ErrorInfoSchema } from "../../../gen/google/rpc/error_details_pb.js";
import { wellFormed } from "./wellFormed.js";

const taken: bigint[] = [];

const client = createClient(
  LedgerService,
  createRouterTransport(
    ({ service }) =>
      service(LedgerService, {
        getAccount: () => ({}),
        async importLogs(requests) {
          let logs = 0n;
          for await (const _ of requests) taken.push(++logs);
          return { logs };
        },
        async *streamTransactions(requests) {
          for await (const _ of requests) yield {};
        },
      }),
    { router: { interceptors: [wellFormed()] } },
  ),
);

test("text that cannot be stored is refused, naming the field", async () => {
  await client.getAccount({ ledger: "main", address: "users:1" });
  const error = await client.getAccount({ ledger: "main", address: "users:\0" }).catch((it) => it);
  expect(error).toMatchObject({
    code: Code.InvalidArgument,
    rawMessage: "address must not contain U+0000",
  });
  expect((error as ConnectError).findDetails(ErrorInfoSchema)[0]).toMatchObject({
    reason: "MALFORMED_FIELD",
    metadata: { field: "address" },
  });
});

test("each request of a stream is looked at, when it comes", async () => {
  async function* requests() {
    yield { ledger: "fine" };
    yield { ledger: "\0" };
  }
  await expect(client.importLogs(requests())).rejects.toMatchObject({ code: Code.InvalidArgument });
  expect(taken).toEqual([1n]);
});

test("requests that are answered one by one are left to their service", async () => {
  async function* requests() {
    yield { transaction: { reference: "\0" } };
    yield { transaction: { reference: "fine" } };
  }
  let answers = 0;
  for await (const _ of client.streamTransactions(requests())) answers += 1;
  expect(answers).toBe(2);
});
