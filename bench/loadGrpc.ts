import { connect } from "node:http2";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { CreateTransactionRequestSchema } from "../gen/florin/ledger/v1/ledger_pb.js";
import { type Outcome, summarize } from "./load.js";

export interface GrpcLoadOptions {
  readonly port: number;
  readonly token: string;
  readonly request: MessageInitShape<typeof CreateTransactionRequestSchema>;
  readonly concurrency: number;
  readonly seconds: number;
}

/** As `load`, with gRPC calls of CreateTransaction over one HTTP/2 connection, framed by hand. */
export async function loadGrpc(options: GrpcLoadOptions): Promise<Outcome> {
  const { port, token, concurrency, seconds } = options;
  const message = toBinary(
    CreateTransactionRequestSchema,
    create(CreateTransactionRequestSchema, options.request),
  );
  const frame = Buffer.alloc(5 + message.length);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, 5);
  const session = connect(`http://127.0.0.1:${port}`);
  const headers = {
    ":method": "POST",
    ":path": "/florin.ledger.v1.LedgerService/CreateTransaction",
    "content-type": "application/grpc",
    te: "trailers",
    authorization: `Bearer ${token}`,
  };
  /** The grpc-status of one call. */
  const call = () =>
    new Promise<string>((resolve, reject) => {
      const stream = session.request(headers);
      let status = "";
      stream.on("trailers", (trailers) => {
        status = String(trailers["grpc-status"]);
      });
      stream.on("end", () => resolve(status)).on("error", reject);
      stream.resume();
      stream.end(frame);
    });

  const latencies: number[] = [];
  let failed = 0;
  const startedAt = performance.now();
  const run = async () => {
    while (performance.now() < startedAt + seconds * 1000) {
      const before = performance.now();
      if ((await call()) !== "0") failed++;
      latencies.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, run));
  session.close();
  return summarize(latencies, (performance.now() - startedAt) / 1000, failed);
}
