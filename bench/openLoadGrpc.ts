import { once } from "node:events";
import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from "node:http2";
import { create, toBinary } from "@bufbuild/protobuf";
import { CreateTransactionRequestSchema } from "../gen/florin/ledger/v1/ledger_pb.js";
import { cold } from "./calls.js";
import { createLender } from "./lend.js";
import { type Ending, loadOpen, type OpenOptions, type OpenOutcome } from "./openLoad.js";

export interface OpenUnaryOptions extends OpenOptions {
  readonly port: number;
  readonly token: string;
  readonly ledger: string;
}

/** Streams that are open at a time, or a few more: over as many connections as they need. */
const STREAMS = 3_000;

const RESOURCE_EXHAUSTED = "8";

/**
 * As `loadOpenRest`, with CreateTransaction, without a client that would need more of the machine than the server does. A
 * connection carries as many streams as the server allows it.
 */
export async function loadOpenUnary(options: OpenUnaryOptions): Promise<OpenOutcome> {
  const { port, token, ledger } = options;
  const sessions: ClientHttp2Session[] = [];
  const open = async (): Promise<number> => {
    const session = connect(`http://127.0.0.1:${port}`, { settings: { enablePush: false } });
    sessions.push(session);
    const [{ maxConcurrentStreams = 100 }] = await once(session, "remoteSettings");
    return maxConcurrentStreams;
  };
  await open();
  const lender = createLender<ClientHttp2Session>(() => null);
  for (let room = 0; room < STREAMS; ) {
    const streams = await open();
    for (let n = 0; n < streams; n++) lender.giveBack(sessions.at(-1) as ClientHttp2Session);
    room += streams;
  }
  const head = {
    ":method": "POST",
    ":path": "/florin.ledger.v1.LedgerService/CreateTransaction",
    "content-type": "application/grpc",
    authorization: `Bearer ${token}`,
    te: "trailers",
  };
  const messages = Array.from({ length: 1000 }, (_, n) => message(ledger, n));
  const exchange = (session: ClientHttp2Session, n: number) =>
    new Promise<Ending>((resolve) => {
      const stream = session.request(head);
      let end: IncomingHttpHeaders = {};
      const keep = (headers: IncomingHttpHeaders) => {
        if ("grpc-status" in headers) end = headers;
      };
      stream
        .on("response", keep)
        .on("trailers", keep)
        .on("error", () => {});
      stream.on("close", () => resolve(endingOf(end))).resume();
      stream.end(messages[n % messages.length]);
    });
  const call = async (n: number, onSent: () => void): Promise<Ending> => {
    const session = await lender.borrow();
    if (session === null) return "unsent";
    onSent();
    const ending = await exchange(session, n);
    lender.giveBack(session);
    return ending;
  };
  const [lone, ...busy] = sessions as [ClientHttp2Session, ...ClientHttp2Session[]];
  const outcome = await loadOpen(options, call, () => {
    lender.giveUp();
    return exchange(lone, 0);
  });
  for (const session of sessions) session.destroy();
  return { ...outcome, connections: busy.length };
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
