import { EventEmitter, once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { DescService } from "@bufbuild/protobuf";
import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { LedgerService } from "../../gen/florin/ledger/v1/ledger_pb.js";
import { ApiError } from "../../src/server/apiError.js";
import { contextValuesOf } from "../../src/server/callRecord.js";
import { createGrpcHandler } from "../../src/server/grpc/grpcHandler.js";
import type { Handler } from "../../src/server/handler.js";
import { bindHeaders } from "../../src/server/interceptors/bindHeaders.js";
import { drainStreams } from "../../src/server/interceptors/drainStreams.js";
import { maskUnknownErrors } from "../../src/server/interceptors/maskUnknownErrors.js";
import { recordCall } from "../../src/server/interceptors/recordCall.js";
import { wellFormed } from "../../src/server/interceptors/wellFormed.js";
import { createMetrics } from "../../src/server/metrics.js";
import { observeRequests } from "../../src/server/observeRequests.js";
import { startListener } from "../support/listener.js";
import { type TestLog, testLog } from "../support/log.js";

export const MAX_BYTES = 20_000;

/** Says "yield" at each answer of WatchLogs, "cut" when ImportLogs fails; "call" when a call begins to wait, and "aborted" when its signal ends that; "returned" when a source that heeds no signal is told to stop; told "let go", it lets those go that hold. */
export const waiting = new EventEmitter();

/** Messages of 1,000 bytes that WatchLogs of "long" gives. */
export const LONG = 3000;

/** GetAccount answers with the address that it is asked for; ledgers have it do what their names say. */
const implementation: Partial<ServiceImpl<typeof LedgerService>> = {
  async getAccount(
    { ledger, address },
    { requestHeader, responseHeader, responseTrailer, signal },
  ) {
    if (ledger === "wait") await untilAborted(signal);
    if (ledger === "hold") await untilLetGo();
    if (ledger === "overdue") return { data: { address: `${signal.aborted}` } };
    if (ledger === "patient") {
      await sleep(20);
      return { data: { address: signal.aborted ? "aborted" : "not aborted" } };
    }
    if (ledger === "fault") throw new Error("secret");
    if (ledger === "unsayable") throw new ConnectError("\ud800", Code.Aborted);
    if (ledger === "refuse") throw refusal;
    if (ledger === "metadata") {
      responseHeader.set("x-heard", requestHeader.get("x-said") ?? "");
      responseHeader.set("x-heard-bin", requestHeader.get("x-said-bin") ?? "");
      responseTrailer.set("x-last-bin", "AAEC");
    }
    return { data: { address } };
  },
  addMetadataToAccount({ idempotencyKey }) {
    throw new ConnectError(`key ${idempotencyKey}`, Code.Aborted);
  },
  async *watchLogs({ ledger }, { signal }) {
    if (ledger === "wait") await untilAborted(signal);
    if (ledger === "refuse") {
      signal.addEventListener("abort", () => waiting.emit("aborted"));
      throw refusal;
    }
    if (ledger === "deaf") yield* untilReturned();
    if (ledger !== "long") return yield {};
    for (let n = 0; n < LONG; n++) {
      waiting.emit("yield", n);
      yield { log: { hash: "a".repeat(1000) } };
    }
  },
  async *streamTransactions(requests) {
    for await (const { ledger } of requests) {
      yield { result: { case: "refusal", value: { message: ledger } } };
    }
  },
  async importLogs(requests) {
    let logs = 0n;
    try {
      for await (const _ of requests) logs += 1n;
    } catch (error) {
      waiting.emit("cut", ConnectError.from(error).code);
      throw error;
    }
    return { logs };
  },
};

const refusal = new ApiError({
  code: Code.NotFound,
  errorCode: "NOT_FOUND",
  message: "nö: 100%\n",
  reason: "GONE",
  headers: { "Retry-After": "1", "x-fact-bin": "AAEC" },
});

async function untilAborted(signal: AbortSignal): Promise<void> {
  waiting.emit("call");
  if (!signal.aborted) await once(signal, "abort");
  waiting.emit("aborted");
  throw signal.reason;
}

/** Heeds no signal. */
async function* untilReturned(): AsyncGenerator<object> {
  try {
    for (;;) {
      yield {};
      await sleep(1);
    }
  } finally {
    waiting.emit("returned");
  }
}

async function untilLetGo(): Promise<void> {
  const letGo = once(waiting, "let go");
  waiting.emit("call");
  await letGo;
}

/** A server with the fast path, or without. */
export interface GrpcServer {
  readonly url: string;
  readonly log: TestLog;
  /** How many requests were left to connect. */
  leftToConnect(): number;
  close(): Promise<void>;
}

export async function startGrpcServer({
  isFast,
  isMasked = true,
  messageTimeoutMs = 60_000,
}: {
  isFast: boolean;
  /** Whether faults are masked where they should be. */
  isMasked?: boolean;
  messageTimeoutMs?: number;
}): Promise<GrpcServer> {
  const log = testLog();
  const { logger } = log;
  const mask = isMasked ? [maskUnknownErrors(logger)] : [];
  const drain = drainStreams(new AbortController().signal);
  const interceptors = [recordCall(), ...mask, drain, bindHeaders(), wellFormed()];
  const adapter = connectNodeAdapter({
    interceptors,
    contextValues: contextValuesOf,
    readMaxBytes: MAX_BYTES,
    routes: (router) => router.service(LedgerService, implementation),
  });
  let leftToConnect = 0;
  const counted: Handler = (request, response) => {
    leftToConnect += 1;
    adapter(request, response);
  };
  const service = { service: LedgerService, implementation } as {
    service: DescService;
    implementation: Partial<ServiceImpl<DescService>>;
  };
  const fast = createGrpcHandler({
    services: [service],
    interceptors,
    defaultMaxBodyBytes: MAX_BYTES,
    messageTimeoutMs,
    contextValues: contextValuesOf,
    logger,
    fallback: counted,
  });
  const observers = { logger, metrics: createMetrics(), trustedProxies: 0 };
  const listener = await startListener({
    handler: observeRequests(isFast ? fast : counted, observers),
  });
  return {
    url: `http://127.0.0.1:${listener.port}`,
    log,
    leftToConnect: () => leftToConnect,
    close: () => listener.close(10_000),
  };
}
