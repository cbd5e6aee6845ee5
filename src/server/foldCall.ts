import { create, type DescMethod, type DescService, type Message } from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  type HandlerContext,
  type Interceptor,
  type ServiceImpl,
  type StreamRequest,
  type UnaryRequest,
} from "@connectrpc/connect";
import { iterating } from "../lib/iterating.js";

/** An RPC behind its interceptors. */
export type Call = ReturnType<Interceptor>;

/** What an RPC is implemented by. The descriptor tells which of the two it returns. */
type Implementation = (
  request: Message | AsyncIterable<Message>,
  context: HandlerContext,
) => Promise<Message> | AsyncIterable<Message>;

/**
 * `method` of `implementation` behind `interceptors`, of which the first is outermost. Folded once, for all
 * calls; what connect serves runs the same chain. What is not implemented says so, but only to whom the
 * interceptors let through.
 */
export function foldCall(
  method: DescMethod,
  implementation: Partial<ServiceImpl<DescService>>,
  interceptors: readonly Interceptor[],
  protocolName: "rest" | "grpc",
): Call {
  const implement = (implementation[method.localName] as Implementation | undefined)?.bind(
    implementation,
  );
  const invoke: Call = async (request) => {
    if (implement === undefined) throw unimplemented(method);
    const context = new Context(request, protocolName);
    const { responseHeader: header, responseTrailer: trailer } = context;
    const { service } = request;
    if (request.stream) {
      const { methodKind } = method;
      const isOne = methodKind === "server_streaming";
      const input = isOne ? await only(request.message) : request.message;
      const output = implement(input, context);
      const outputs =
        methodKind === "client_streaming"
          ? later(output as Promise<Message>)
          : (output as AsyncIterable<Message>);
      // Implementations may yield messages in part: `create` fills in the rest.
      const message = iterating(outputs, { each: (part) => create(method.output, part) });
      return { stream: true, service, method: request.method, header, trailer, message };
    }
    const output = await (implement(request.message, context) as Promise<Message>);
    const message = create(method.output, output);
    return { stream: false, service, method: request.method, header, trailer, message };
  };
  return interceptors.reduceRight<Call>((next, interceptor) => interceptor(next), invoke);
}

const unimplemented = (method: DescMethod) =>
  new ConnectError(
    `${method.parent.typeName}.${method.name} is not implemented`,
    Code.Unimplemented,
  );

/** As connect's createHandlerContext, without its two further copies of the headers, and with a signal that is made when it is asked for. */
class Context implements HandlerContext {
  readonly service: HandlerContext["service"];
  readonly method: HandlerContext["method"];
  readonly requestMethod: string;
  readonly url: string;
  readonly protocolName: string;
  readonly requestHeader: Headers;
  readonly responseHeader = new Headers();
  readonly responseTrailer = new Headers();
  readonly values: HandlerContext["values"];
  readonly #request: UnaryRequest | StreamRequest;

  constructor(request: UnaryRequest | StreamRequest, protocolName: string) {
    this.service = request.service;
    this.method = request.method;
    this.requestMethod = request.requestMethod;
    this.url = request.url;
    this.protocolName = protocolName;
    this.requestHeader = request.header;
    this.values = request.contextValues;
    this.#request = request;
  }

  get signal(): AbortSignal {
    return this.#request.signal;
  }

  timeoutMs(): undefined {}
}

/** The one request of a server stream, which interceptors see as a stream too. */
async function only(messages: AsyncIterable<Message>): Promise<Message> {
  for await (const message of messages) return message;
  throw new ConnectError("the request message is missing", Code.InvalidArgument);
}

async function* later(message: Promise<Message>): AsyncGenerator<Message> {
  yield await message;
}
