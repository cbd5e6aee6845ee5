import {
  type DescMethod,
  fromBinary,
  fromJson,
  type JsonValue,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import { Client, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import {
  LedgerService,
  type StreamTransactionsResponse,
  WatchLogsRequestSchema,
  WatchLogsResponseSchema,
} from "../gen/florin/ledger/v1/ledger_pb.js";
import { TransactionSchema } from "../gen/florin/ledger/v1/transaction_pb.js";
import { type Answer, failed, NOTHING_WRITTEN } from "./answer.js";
import type { Call } from "./calls.js";
import type { SendOptions } from "./rest.js";

/** One connection to each port: a server that comes back is another one. */
const clients = new Map<number, Client>();

function clientOf(port: number): Client {
  const client =
    clients.get(port) ??
    // Nothing is ever sent twice.
    new Client(`127.0.0.1:${port}`, credentials.createInsecure(), { "grpc.enable_retries": 0 });
  clients.set(port, client);
  return client;
}

export function closeClients(): void {
  for (const client of clients.values()) client.close();
}

/** Sends `call` over gRPC. */
export function sendGrpc(call: Call, options: SendOptions): Promise<Answer> {
  const method = methodOf(call.method);
  const { idempotencyKey } = options;
  return new Promise((resolve) => {
    let hit = false;
    const sent = clientOf(options.port).makeUnaryRequest(
      pathOf(method),
      (value: JsonValue) => Buffer.from(toBinary(method.input, fromJson(method.input, value))),
      (bytes: Buffer) => toJson(method.output, fromBinary(method.output, bytes), EXPLICIT),
      withKey(call.message, idempotencyKey),
      metadataOf(options.token),
      { deadline: Date.now() + options.timeoutMs },
      (error, body) => {
        if (error) resolve(toFailure(error));
        else resolve({ outcome: "ok", status: "OK", message: "", hit, body: body ?? null });
      },
    );
    sent.on("metadata", (metadata) => {
      hit = metadata.get("idempotency-hit")[0] === "true";
    });
  });
}

/** The request `message` under an idempotency key. */
export const withKey = (message: Call["message"], idempotencyKey: string | undefined): JsonValue =>
  ({ ...message, ...(idempotencyKey !== undefined && { idempotencyKey }) }) as JsonValue;

/** Zero is told, too. */
const EXPLICIT = { alwaysEmitImplicit: true };

const methodOf = (name: string): DescMethod =>
  LedgerService.method[name as keyof typeof LedgerService.method];

const pathOf = (method: DescMethod): string => `/${method.parent.typeName}/${method.name}`;

function metadataOf(token: string): Metadata {
  const metadata = new Metadata();
  metadata.set("authorization", `Bearer ${token}`);
  return metadata;
}

/** Codes that only a server gives that has decided. */
const DECIDED: ReadonlySet<number> = new Set([
  status.INVALID_ARGUMENT,
  status.NOT_FOUND,
  status.ALREADY_EXISTS,
  status.FAILED_PRECONDITION,
  status.UNAUTHENTICATED,
  status.PERMISSION_DENIED,
]);

/** Nobody was there to be asked. */
const UNREACHED = /^No connection established.*ECONNREFUSED/;

function toFailure({ code, details }: Pick<ServiceError, "code" | "details">): Answer {
  if (UNREACHED.test(details)) return failed("refused", "ECONNREFUSED", details);
  const isRefused = DECIDED.has(code) || NOTHING_WRITTEN.test(details);
  return failed(isRefused ? "refused" : "unknown", status[code] ?? String(code), details);
}

export interface StreamOptions {
  readonly port: number;
  readonly token: string;
  /** After which the client wants no answer any more. */
  readonly timeoutMs: number;
  /** Requests as JSON of protobuf. */
  readonly messages: readonly JsonValue[];
  onAnswer(answer: Answer): void;
}

/** Sends all over one stream, and ends it. Answers why what had no answer by then will have none. */
export function streamTransactions(options: StreamOptions): Promise<Answer> {
  const { port, token, timeoutMs, messages, onAnswer } = options;
  const method = LedgerService.method.streamTransactions;
  const stream = clientOf(port).makeBidiStreamRequest(
    pathOf(method),
    (value: JsonValue) => Buffer.from(toBinary(method.input, fromJson(method.input, value))),
    (bytes: Buffer) => fromBinary(method.output, bytes),
    metadataOf(token),
    { deadline: Date.now() + timeoutMs },
  );
  stream.on("data", ({ result, idempotencyHit: hit }: StreamTransactionsResponse) => {
    if (result.case === "refusal") {
      onAnswer(toFailure({ code: result.value.code, details: result.value.message }));
    } else {
      const body = result.value && { data: toJson(TransactionSchema, result.value, EXPLICIT) };
      onAnswer({ outcome: "ok", status: "OK", message: "", hit, body });
    }
  });
  for (const message of messages) stream.write(message);
  stream.end();
  return new Promise((resolve) => {
    stream.on("error", (error: ServiceError) => resolve(toBreak(error)));
    stream.on("end", () => resolve(failed("unknown", "ended", "the stream ended early")));
  });
}

/** Whatever a stream says as it breaks, it says nothing of what it was sent before. */
function toBreak(error: ServiceError): Answer {
  const answer = toFailure(error);
  return { ...answer, outcome: UNREACHED.test(error.details) ? "refused" : "unknown" };
}

export interface WatchOptions {
  readonly port: number;
  readonly token: string;
  readonly ledger: string;
  /** The last log that is known; null: none is. */
  readonly after: string | null;
  onLog(id: string): void;
}

/** Watches a ledger's logs. What is returned ends that; it also ends by itself, and then `over` resolves. */
export function watchLogs(options: WatchOptions): { readonly over: Promise<void>; end(): void } {
  const { port, token, ledger, after, onLog } = options;
  const method = LedgerService.method.watchLogs;
  const call = clientOf(port).makeServerStreamRequest(
    pathOf(method),
    (value: JsonValue) =>
      Buffer.from(toBinary(WatchLogsRequestSchema, fromJson(WatchLogsRequestSchema, value))),
    (bytes: Buffer) => fromBinary(WatchLogsResponseSchema, bytes),
    { ledger, ...(after !== null && { after }) },
    metadataOf(token),
  );
  call.on("data", ({ log }) => onLog(String(log.id)));
  const over = new Promise<void>((resolve) => {
    call.on("error", () => resolve());
    call.on("end", () => resolve());
  });
  return { over, end: () => call.cancel() };
}
