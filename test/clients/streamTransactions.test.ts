import { once } from "node:events";
import { type Client, Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { type ServiceError, status } from "@grpc/grpc-js";
import { expect, onTestFinished, test, vi } from "vitest";
import { LedgerService } from "../../gen/florin/ledger/v1/ledger_pb.js";
import { serveLedger } from "../ledger/serve.js";
import { testLedger } from "../ledger/support.js";
import { rpcWires } from "../support/rpcs.js";
import { fromProtoFile, grpcJsClient } from "./grpcJsClient.js";

vi.setConfig({ testTimeout: 60_000 });

const posting = { source: "world", destination: "users:1", asset: "USD/2", amount: "1" };
const pay = { ledger: "main", transaction: { postings: [posting] } };
const overdraw = {
  ledger: "main",
  transaction: { postings: [{ ...posting, source: "users:2" }] },
};

interface Answer {
  readonly transaction?: { readonly txid: string };
  readonly refusal?: { readonly code: number; readonly reason: string };
}

async function serve() {
  const ledger = await testLedger();
  const { url, stop } = await serveLedger(ledger);
  const file = fromProtoFile("florin/ledger/v1/ledger.proto");
  const { open, call } = grpcJsClient(file, "florin.ledger.v1.LedgerService", { url });
  const stream = open<object, Answer>("StreamTransactions");
  onTestFinished(() => stream.cancel());
  const answers: Answer[] = [];
  return {
    url,
    stop,
    stream,
    answers,
    /** Reads from now on. */
    read() {
      stream.on("data", (answer: Answer) => answers.push(answer)).resume();
      return new Promise<ServiceError | null>((resolve) => {
        stream.once("error", resolve);
        stream.once("end", () => resolve(null));
      });
    },
    /** Writes that were committed. */
    async committed(): Promise<number> {
      const stats = await call<{ data: { transactions: string } }>("ReadStats", { ledger: "main" });
      return Number(stats.data.transactions);
    },
  };
}

const txids = (answers: readonly Answer[]) => answers.map(({ transaction }) => transaction?.txid);

const count = (total: number) => Array.from({ length: total }, (_, index) => String(index));

test("after half-close grpc-js gets the answers to all that it sent, then OK", async () => {
  const { stream, read, answers } = await serve();
  const end = read();
  for (let sent = 0; sent < 500; sent++) stream.write(pay);
  stream.write(overdraw);
  stream.end();
  expect(await end).toBeNull();
  expect(txids(answers.slice(0, 500))).toEqual(count(500));
  expect(answers.slice(500)).toMatchObject([
    { refusal: { code: status.FAILED_PRECONDITION, reason: "INSUFFICIENT_FUNDS" } },
  ]);
});

test("a client that stops reading is not read from either, until it reads on", async () => {
  const { stream, read, answers, committed } = await serve();
  stream.once("data", (answer: Answer) => {
    answers.push(answer);
    stream.pause();
  });
  // More than sockets on loopback hold by themselves.
  const total = 1000;
  const metadata = { fields: { note: { stringValue: "x".repeat(32_000) } } };
  const large = { ledger: "main", transaction: { postings: [posting], metadata } };
  let isFull = false;
  const write = async () => {
    for (let sent = 0; sent < total; sent++) {
      if (!stream.write(large)) {
        isFull = true;
        await once(stream, "drain");
      }
    }
    stream.end();
  };
  const written = write();
  let before = -1;
  let looks = 0;
  const isStill = async () => {
    const now = await committed();
    looks = isFull && now > 0 && now === before ? looks + 1 : 0;
    before = now;
    return looks === 5;
  };
  await expect.poll(isStill, { interval: 200, timeout: 30_000 }).toBe(true);
  expect(before).toBeLessThan(total);
  expect(await read()).toBeNull();
  await written;
  expect(txids(answers)).toEqual(count(total));
});

test("a message that no service can use is refused alone", async () => {
  const { stream, read, answers } = await serve();
  const end = read();
  stream.write(pay);
  stream.write({ ledger: "main", transaction: { postings: [posting], reference: "\0" } });
  stream.write(pay);
  stream.end();
  expect(await end).toBeNull();
  expect(answers.map(({ refusal }) => refusal?.reason ?? null)).toEqual([
    null,
    "MALFORMED_FIELD",
    null,
  ]);
});

test("what was acknowledged before a client cancels is committed", async () => {
  const { stream, read, answers, committed } = await serve();
  const end = read();
  for (let sent = 0; sent < 2000; sent++) stream.write(pay);
  await expect.poll(() => answers.length).toBeGreaterThan(0);
  stream.cancel();
  expect((await end)?.code).toBe(status.CANCELLED);
  expect(await committed()).toBeGreaterThanOrEqual(answers.length);
});

test("a server that stops answers what it has taken in, then ends with UNAVAILABLE", async () => {
  const { stream, read, answers, stop } = await serve();
  const end = read();
  stream.write(pay);
  await expect.poll(() => answers.length).toBe(1);
  stream.write(pay);
  stream.write(pay);
  const stopped = stop();
  expect((await end)?.code).toBe(status.UNAVAILABLE);
  await stopped;
  expect(txids(answers)).toEqual(count(answers.length));
});

type Ledgers = Client<typeof LedgerService>;

/** Sends one transaction after the other's answer: full duplex, if it works. */
async function converse(client: Ledgers): Promise<bigint[]> {
  const seen: bigint[] = [];
  let answered = () => {};
  async function* requests() {
    for (let sent = 0; sent < 3; sent++) {
      const answer = new Promise<void>((resolve) => {
        answered = resolve;
      });
      yield pay;
      await answer;
    }
  }
  for await (const { result } of client.streamTransactions(requests(), { timeoutMs: 10_000 })) {
    if (result.case === "transaction") seen.push(result.value.txid);
    answered();
  }
  return seen;
}

test.each(["gRPC", "gRPC-Web", "Connect"] as const)(
  "%s over HTTP/2 talks both ways at once",
  async (protocol) => {
    const { url } = await serveLedger(await testLedger());
    const client = createClient(LedgerService, rpcWires(url)[protocol]);
    expect(await converse(client)).toEqual([0n, 1n, 2n]);
  },
);

test.each<[string, (baseUrl: string) => Transport]>([
  ["gRPC-Web", (baseUrl) => createGrpcWebTransport({ baseUrl, httpVersion: "1.1" })],
  ["Connect", (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "1.1" })],
])("%s over HTTP/1.1 cannot stream both ways, and says so", async (_protocol, transport) => {
  const { url } = await serveLedger(await testLedger());
  const client = createClient(LedgerService, transport(url));
  const error = await converse(client).catch(ConnectError.from);
  expect(error).toMatchObject({ code: Code.Unknown, rawMessage: "HTTP 505" });
});
