import type { DescMethod, Message } from "@bufbuild/protobuf";
import type { ContextValues, StreamRequest, UnaryRequest } from "@connectrpc/connect";
import { type Cancellation, keepCancellation } from "./cancellation.js";
import type { HttpRequest } from "./handler.js";

export interface RpcRequestParts {
  readonly method: DescMethod;
  readonly request: HttpRequest;
  readonly cancellation: Cancellation;
  readonly contextValues: ContextValues;
  readonly messages: OneMessage | AsyncIterable<Message>;
}

export interface OneMessage {
  /** Makes the request message, or throws what is wrong with it. */
  readonly read: () => Message;
}

/**
 * An HTTP request as interceptors know requests. If it has one message, that is read when it is first asked for, within the
 * chain: whoever may not call at all hears nothing about the body, and refused messages are logged as calls.
 */
export function toRpcRequest(parts: RpcRequestParts): UnaryRequest | StreamRequest {
  const { method, request, cancellation, contextValues, messages } = parts;
  keepCancellation(contextValues, cancellation);
  const common = {
    service: method.parent,
    requestMethod: request.method ?? "",
    url: `http://${request.headers[":authority"] ?? request.headers.host ?? ""}${request.url}`,
    header: toHeaders(request),
    contextValues,
  };
  if (method.methodKind !== "unary") {
    return {
      ...common,
      signal: cancellation.signal,
      stream: true,
      method: method as StreamRequest["method"],
      message: "read" in messages ? once(messages) : messages,
    };
  }
  if (!("read" in messages)) throw new Error(`${method} takes one message`);
  return new RequestOfOne(common, method as UnaryRequest["method"], cancellation, messages);
}

type Common = Omit<UnaryRequest, "stream" | "method" | "message" | "signal">;

/** A class for the sake of its getters: one in an object literal costs a hidden class, and a life until the next full collection, each time. */
class RequestOfOne implements UnaryRequest {
  readonly stream = false;
  readonly service: UnaryRequest["service"];
  readonly requestMethod: string;
  readonly url: string;
  readonly header: Headers;
  readonly contextValues: ContextValues;
  readonly method: UnaryRequest["method"];
  #message: Message | undefined;
  readonly #cancellation: Cancellation;
  readonly #source: OneMessage;

  constructor(
    common: Common,
    method: UnaryRequest["method"],
    cancellation: Cancellation,
    source: OneMessage,
  ) {
    this.service = common.service;
    this.requestMethod = common.requestMethod;
    this.url = common.url;
    this.header = common.header;
    this.contextValues = common.contextValues;
    this.method = method;
    this.#cancellation = cancellation;
    this.#source = source;
  }

  get signal(): AbortSignal {
    return this.#cancellation.signal;
  }

  get message(): Message {
    this.#message ??= this.#source.read();
    return this.#message;
  }
}

async function* once({ read }: OneMessage): AsyncGenerator<Message> {
  yield read();
}

function toHeaders(request: HttpRequest): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (name.startsWith(":") || value === undefined) continue;
    headers.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  return headers;
}
