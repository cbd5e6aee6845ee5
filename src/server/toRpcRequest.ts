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
  let message: Message | undefined;
  return {
    ...common,
    stream: false,
    method: method as UnaryRequest["method"],
    get message() {
      message ??= messages.read();
      return message;
    },
  };
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
