import {
  type ContextValues,
  createContextKey,
  createContextValues,
  type HandlerContext,
  type StreamRequest,
  type UnaryRequest,
} from "@connectrpc/connect";
import type { Span } from "../lib/tracing.js";
import type { HttpRequest } from "./handler.js";

export type Protocol = "grpc" | "grpc-web" | "connect" | "rest";

/** What becomes known of a request while it runs, for the one line that is logged of it. */
export interface CallRecord {
  /** The caller's x-request-id, or one of ours. */
  readonly requestId: string;
  /** IP address of who calls. */
  readonly address: string;
  /** How long its body is, or was; NaN where nobody has said so yet. */
  bodyBytes: number;
  /** Null unless spans are made. */
  readonly span: Span | null;
  /** Whether it was refused at the door: such are told together, not one by one. */
  isShed?: true;
  /** The client that asked for a token, once it has proved who it is. */
  clientId?: string;
  /** Null for as long as the request has reached no RPC: pages, unknown routes, unreadable bodies. */
  call: {
    /** Service and method, "florin.ledger.v1.LedgerService/GetAccount". */
    readonly rpc: string;
    readonly protocol: Protocol;
    /** How it ended: "ok", or a gRPC code in connect's spelling; null while it runs. */
    readonly code: string | null;
    /** Who called, when known. */
    readonly subject: string | null;
  } | null;
}

const callRecordKey = createContextKey<CallRecord | null>(null, { description: "call record" });
const key = Symbol("call record");

/** A property costs less than a WeakMap would: what is in one of those survives collections of young objects. */
const recorded = (request: HttpRequest) => request as HttpRequest & { [key]?: CallRecord };

export function keepRecord(request: HttpRequest, record: CallRecord): void {
  recorded(request)[key] = record;
}

/** Notes that `request` was refused at the door. */
export function keepShed(request: HttpRequest, call: CallRecord["call"]): void {
  const record = recordOfRequest(request);
  if (record === null) return;
  record.isShed = true;
  record.call = call;
}

/** The context that the calls of `request` start with: interceptors find its record there. */
export const contextValuesOf = (request: HttpRequest): ContextValues =>
  createContextValues().set(callRecordKey, recordOfRequest(request));

/** The record of `request`; null if it came past what logs requests. */
export const recordOfRequest = (request: HttpRequest): CallRecord | null =>
  recorded(request)[key] ?? null;

/** IP address of who sent `request`. */
export const addressOf = (request: HttpRequest): string =>
  recordOfRequest(request)?.address ?? request.socket.remoteAddress ?? "";

/** The record of the request that `call` came with. Null for calls that came without HTTP. */
export const recordOf = (call: UnaryRequest | StreamRequest): CallRecord | null =>
  call.contextValues.get(callRecordKey);

/** The span of the call that an implementation serves; null unless spans are made. */
export const spanOf = ({ values }: HandlerContext): Span | null =>
  values.get(callRecordKey)?.span ?? null;
