import { createClient, createRouterTransport, type Interceptor } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { LedgerService } from "../../../gen/florin/ledger/v1/ledger_pb.js";
import { bindHeaders } from "./bindHeaders.js";

/** Reverts transaction 7 with the given header and message field, and tells the key that the handler saw. */
async function keySeen(header: string | null, field: string): Promise<string> {
  let seen = "";
  const transport = createRouterTransport(
    ({ service }) =>
      service(LedgerService, {
        revertTransaction({ idempotencyKey }) {
          seen = idempotencyKey;
          return {};
        },
      }),
    { router: { interceptors: [bindHeaders()] } },
  );
  const headers: Record<string, string> = header === null ? {} : { "idempotency-key": header };
  const client = createClient(LedgerService, transport);
  await client.revertTransaction({ ledger: "main", txid: 7n, idempotencyKey: field }, { headers });
  return seen;
}

test("a header fills the field that is bound to it", async () => {
  expect(await keySeen("key 1", "")).toBe("key 1");
});

test("the message's own value wins over the header", async () => {
  expect(await keySeen("key 1", "key 2")).toBe("key 2");
});

test("no header, or an empty one, leaves the field as it is", async () => {
  expect(await keySeen(null, "")).toBe("");
  expect(await keySeen("", "")).toBe("");
});

test("the one request of a server stream is filled too", async () => {
  let seen: bigint | undefined;
  const transport = createRouterTransport(
    ({ service }) =>
      service(LedgerService, {
        async *watchLogs({ lastEventId }) {
          seen = lastEventId;
          yield {};
        },
      }),
    { router: { interceptors: [bindHeaders()] } },
  );
  const watch = async (id: string) => {
    const headers = { "Last-Event-ID": id };
    for await (const _ of createClient(LedgerService, transport).watchLogs({}, { headers }));
    return seen;
  };
  expect(await watch("0")).toBe(0n);
  expect(await watch("")).toBeUndefined();
});

test("an RPC without such fields is passed on untouched", async () => {
  const next = async (request: unknown) => request;
  const request = { method: LedgerService.method.getInfo, stream: false };
  const call = bindHeaders()(next as Parameters<Interceptor>[0]);
  await expect(call(request as never)).resolves.toBe(request);
});
