import type { DescMethod, Message } from "@bufbuild/protobuf";
import type { ContextValues, StreamRequest, UnaryRequest } from "@connectrpc/connect";
import type { HttpRequest } from "./handler.js";

export interface RpcRequestParts {
  readonly method: DescMethod;
  readonly request: HttpRequest;
  readonly signal: AbortSignal;
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
  const { method, request, signal, contextValues, messages } = parts;
  const common = {
    service: method.parent,
    requestMethod: request.method ?? "",
    url: `http://${request.headers[":authority"] ?? request.headers.host ?? ""}${request.url}`,
    signal,
    header: toHeaders(request),
    contextValues,
  };
  if (method.methodKind !== "unary") {
    return {
      ...common,
      stream: true,
      method: method as StreamRequest["method"],
      message: "read" in messages ? once(messages) : messages,
    };
  }
  if (!("read" in messages)) throw new Error(`${method} takes one message`);
  return new RequestOfOne(common, method as UnaryRequest["method"], messages);
}

type Common = Omit<UnaryRequest, "stream" | "method" | "message">;

/** A class for the sake of its getter: one in an object literal costs a hidden class, and a life until the next full collection, each time. */
class RequestOfOne implements UnaryRequest {
  readonly stream = false;
  readonly service: UnaryRequest["service"];
  readonly requestMethod: string;
  readonly url: string;
  readonly signal: AbortSignal;
  readonly header: Headers;
  readonly contextValues: ContextValues;
  readonly method: UnaryRequest["method"];
  #message: Message | undefined;
  readonly #source: OneMessage;

  constructor(common: Common, method: UnaryRequest["method"], source: OneMessage) {
    this.service = common.service;
    this.requestMethod = common.requestMethod;
    this.url = common.url;
    this.signal = common.signal;
    this.header = common.header;
    this.contextValues = common.contextValues;
    this.method = method;
    this.#source = source;
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
