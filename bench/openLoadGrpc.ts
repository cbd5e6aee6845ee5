import { connect, type IncomingHttpHeaders } from "node:http2";
import { create, toBinary } from "@bufbuild/protobuf";
import { CreateTransactionRequestSchema } from "../gen/florin/ledger/v1/ledger_pb.js";
import { cold } from "./calls.js";
import { type Ending, loadOpen, type OpenOptions, type OpenOutcome } from "./openLoad.js";

export interface OpenUnaryOptions extends OpenOptions {
  readonly port: number;
  readonly token: string;
  readonly ledger: string;
}

const CONNECTIONS = 8;

const RESOURCE_EXHAUSTED = "8";

/** As `loadOpenRest`, with CreateTransaction, without a client that would need more of the machine than the server does. */
export async function loadOpenUnary(options: OpenUnaryOptions): Promise<OpenOutcome> {
  const { port, token, ledger } = options;
  const sessions = Array.from({ length: CONNECTIONS + 1 }, () =>
    connect(`http://127.0.0.1:${port}`, { settings: { enablePush: false } }),
  );
  const head = {
    ":method": "POST",
    ":path": "/florin.ledger.v1.LedgerService/CreateTransaction",
    "content-type": "application/grpc",
    authorization: `Bearer ${token}`,
    te: "trailers",
  };
  const messages = Array.from({ length: 1000 }, (_, n) => message(ledger, n));
  const call = (n: number, session = sessions[n % CONNECTIONS]) =>
    new Promise<Ending>((resolve) => {
      const stream = session?.request(head);
      let end: IncomingHttpHeaders = {};
      const keep = (headers: IncomingHttpHeaders) => {
        if ("grpc-status" in headers) end = headers;
      };
      stream
        ?.on("response", keep)
        .on("trailers", keep)
        .on("error", () => {});
      stream?.on("close", () => resolve(endingOf(end))).resume();
      stream?.end(messages[n % messages.length]);
    });
  const outcome = await loadOpen(options, call, () => call(0, sessions.at(-1)));
  for (const session of sessions) session.destroy();
  return { ...outcome, connections: CONNECTIONS };
}

/** With the five bytes that go before each message. */
function message(ledger: string, n: number): Buffer {
  const posting = { source: "world", destination: cold(n * 7), asset: "EUR/2", amount: "100" };
  const bytes = toBinary(
    CreateTransactionRequestSchema,
    create(CreateTransactionRequestSchema, { ledger, transaction: { postings: [posting] } }),
  );
  const framed = Buffer.alloc(5 + bytes.length);
  framed.writeUInt32BE(bytes.length, 1);
  framed.set(bytes, 5);
  return framed;
}

function endingOf(headers: IncomingHttpHeaders): Ending {
  const status = headers["grpc-status"];
  if (status === "0") return "accepted";
  if (status !== RESOURCE_EXHAUSTED) return "lost";
  return headers["retry-after"] === undefined ? "rude" : "refused";
}
