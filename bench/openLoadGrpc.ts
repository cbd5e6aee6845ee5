import { create, toBinary } from "@bufbuild/protobuf";
import { Client, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { CreateTransactionRequestSchema } from "../gen/florin/ledger/v1/ledger_pb.js";
import { cold } from "./calls.js";
import { type Ending, loadOpen, type OpenOptions, type OpenOutcome } from "./openLoad.js";

export interface OpenUnaryOptions extends OpenOptions {
  readonly port: number;
  readonly token: string;
  readonly ledger: string;
}

/** Each may have as many calls under way as the server lets a connection have. */
const CONNECTIONS = 8;

const DEADLINE_MS = 20_000;

/** As `loadOpenRest`, with CreateTransaction by the client that most Node programs use. */
export async function loadOpenUnary(options: OpenUnaryOptions): Promise<OpenOutcome> {
  const { port, token, ledger } = options;
  const metadata = new Metadata();
  metadata.set("authorization", `Bearer ${token}`);
  const clients = Array.from(
    { length: CONNECTIONS + 1 },
    () =>
      new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
        "grpc.use_local_subchannel_pool": 1,
        // Refusals are counted, not repeated.
        "grpc.enable_retries": 0,
      }),
  );
  const messages = Array.from({ length: 1000 }, (_, n) => message(ledger, n));
  const call = (n: number, client = clients[n % CONNECTIONS]) =>
    new Promise<Ending>((resolve) => {
      const path = "/florin.ledger.v1.LedgerService/CreateTransaction";
      const bytes = messages[n % messages.length] as Buffer;
      const deadline = Date.now() + DEADLINE_MS;
      client?.makeUnaryRequest(path, same, same, bytes, metadata, { deadline }, (error) =>
        resolve(error === null ? "accepted" : endingOf(error)),
      );
    });
  const outcome = await loadOpen(options, call, () => call(0, clients.at(-1)));
  for (const client of clients) client.close();
  return { ...outcome, connections: CONNECTIONS };
}

const message = (ledger: string, n: number): Buffer => {
  const posting = { source: "world", destination: cold(n * 7), asset: "EUR/2", amount: "100" };
  const transaction = { postings: [posting] };
  return Buffer.from(
    toBinary(
      CreateTransactionRequestSchema,
      create(CreateTransactionRequestSchema, { ledger, transaction }),
    ),
  );
};

function endingOf({ code, metadata }: ServiceError): Ending {
  if (code !== status.RESOURCE_EXHAUSTED) return "lost";
  return metadata.get("retry-after").length > 0 ? "refused" : "rude";
}

const same = (bytes: Buffer): Buffer => bytes;
