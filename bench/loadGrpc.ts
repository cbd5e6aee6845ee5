import { create, toBinary } from "@bufbuild/protobuf";
import { Client, credentials, Metadata } from "@grpc/grpc-js";
import {
  CreateTransactionRequestSchema,
  StreamTransactionsRequestSchema,
} from "../gen/florin/ledger/v1/ledger_pb.js";
import { cold } from "./calls.js";
import { framedGrpc } from "./framedGrpc.js";
import { type Outcome, summarize } from "./load.js";

export interface GrpcLoadOptions {
  readonly port: number;
  readonly token: string;
  readonly ledger: string;
  /** How many transactions are under way at any time. */
  readonly inFlight: number;
  readonly seconds: number;
}

const SERVICE = "/florin.ledger.v1.LedgerService";
const DIFFERENT = 1000;

/** As `load`, with calls of CreateTransaction, all on one connection. */
export async function loadUnary(options: GrpcLoadOptions & { by: Caller }): Promise<Outcome> {
  const { ledger, inFlight, seconds, by } = options;
  const messages = prepare((n) =>
    toBinary(
      CreateTransactionRequestSchema,
      create(CreateTransactionRequestSchema, { ledger, transaction: transaction(n) }),
    ),
  );
  const { call, close } = callers[by](options, `${SERVICE}/CreateTransaction`);
  const latencies: number[] = [];
  let failed = 0;
  let sent = 0;
  const startedAt = performance.now();
  const run = async () => {
    while (performance.now() < startedAt + seconds * 1000) {
      const before = performance.now();
      if (!(await call(pick(messages, sent++)))) failed++;
      latencies.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, run));
  const took = (performance.now() - startedAt) / 1000;
  close();
  return summarize(latencies, took, failed);
}

const callers = {
  /** The client that most Node programs use. */
  "grpc-js"(options: GrpcLoadOptions, path: string) {
    const { client, metadata } = connect(options);
    const call = (message: Buffer) =>
      new Promise<boolean>((resolve) => {
        client.makeUnaryRequest(path, same, same, message, metadata, (error) => resolve(!error));
      });
    return { call, close: () => client.close() };
  },
  /** What costs next to nothing, as REST's load. */
  frames: ({ port, token }: GrpcLoadOptions, path: string) => framedGrpc({ port, token, path }),
};

export type Caller = keyof typeof callers;

/** The first byte of an answer that holds a transaction: its field 1. A refusal is field 2. */
const COMMITTED = 0x0a;

/** As `load`, with one stream of transactions; each answer lets the next one go. */
export async function loadStream(options: GrpcLoadOptions): Promise<Outcome> {
  const { ledger, inFlight, seconds } = options;
  const messages = prepare((n) =>
    toBinary(
      StreamTransactionsRequestSchema,
      create(StreamTransactionsRequestSchema, { ledger, transaction: transaction(n) }),
    ),
  );
  const { client, metadata } = connect(options);
  const path = `${SERVICE}/StreamTransactions`;
  const stream = client.makeBidiStreamRequest(path, same, same, metadata);
  const latencies: number[] = [];
  const sentAt: number[] = [];
  let failed = 0;
  const send = () => stream.write(pick(messages, sentAt.push(performance.now())));
  const startedAt = performance.now();
  const ended = new Promise<void>((resolve, reject) => {
    stream.on("end", resolve).on("error", reject);
  });
  stream.on("data", (answer: Buffer) => {
    if (answer[0] !== COMMITTED) failed++;
    const now = performance.now();
    latencies.push(now - (sentAt[latencies.length] ?? now));
    if (now < startedAt + seconds * 1000) send();
    else if (latencies.length === sentAt.length) stream.end();
  });
  for (let n = 0; n < inFlight; n++) send();
  await ended;
  const took = (performance.now() - startedAt) / 1000;
  client.close();
  return summarize(latencies, took, failed);
}

function connect({ port, token }: GrpcLoadOptions) {
  const metadata = new Metadata();
  metadata.set("authorization", `Bearer ${token}`);
  return { client: new Client(`127.0.0.1:${port}`, credentials.createInsecure()), metadata };
}

const transaction = (n: number) => ({
  postings: [{ source: "world", destination: cold(n * 7), asset: "EUR/2", amount: "100" }],
});

const prepare = (message: (n: number) => Uint8Array): Buffer[] =>
  Array.from({ length: DIFFERENT }, (_, n) => Buffer.from(message(n)));

const pick = (messages: readonly Buffer[], n: number): Buffer =>
  messages[n % messages.length] ?? Buffer.alloc(0);

/** Messages are encoded already. */
const same = (message: Buffer): Buffer => message;
