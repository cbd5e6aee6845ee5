import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import {
  createAsyncIterable,
  encodeEnvelope,
  readAllBytes,
  type UniversalHandler,
  type UniversalServerResponse,
} from "@connectrpc/connect/protocol";
import { errorFromJsonBytes, errorToJsonBytes } from "@connectrpc/connect/protocol-connect";
import { trailerFlag, trailerParse, trailerSerialize } from "@connectrpc/connect/protocol-grpc-web";

/**
 * A message that is no protobuf is the fault of who sent it: INVALID_ARGUMENT. Connect says INTERNAL. In streams the
 * interceptor below sets it right. A unary call has read its message before any interceptor sees it, so that only what
 * is about to be answered can be set right.
 */
const isUnreadable = (message: string | null | undefined): boolean =>
  message?.startsWith("parse binary: ") ?? false;

export const blameSender = (): Interceptor => (next) => (request) =>
  next(request.stream ? { ...request, message: readable(request.message) } : request);

async function* readable<T>(messages: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* messages;
  } catch (error) {
    if (!(error instanceof ConnectError) || !isUnreadable(error.rawMessage)) throw error;
    throw new ConnectError(error.rawMessage, Code.InvalidArgument);
  }
}

/** `handler`, with the same for unary calls. */
export function blameSenderOf(handler: UniversalHandler): UniversalHandler {
  if (handler.method.methodKind !== "unary") return handler;
  return Object.assign(
    async (request: Parameters<UniversalHandler>[0]) => setRight(await handler(request)),
    handler,
  );
}

async function setRight(response: UniversalServerResponse): Promise<UniversalServerResponse> {
  const { status, header, body, trailer } = response;
  if (trailer !== undefined) blameInTrailer(trailer);
  if (body === undefined) return response;
  if (header?.get("content-type")?.startsWith("application/grpc-web")) {
    return { ...response, body: blameInBody(body) };
  }
  return status === 500 ? blameInJson(response, body) : response;
}

/** gRPC. */
function blameInTrailer(trailer: Headers): void {
  if (isUnreadable(decodeURIComponent(trailer.get("grpc-message") ?? ""))) {
    trailer.set("grpc-status", String(Code.InvalidArgument));
  }
}

/** gRPC-Web: its trailer is the last envelope of the body. */
async function* blameInBody(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const envelope of body) {
    if (envelope[0] !== trailerFlag) yield envelope;
    else {
      const trailer = trailerParse(envelope.subarray(5));
      blameInTrailer(trailer);
      yield encodeEnvelope(trailerFlag, trailerSerialize(trailer));
    }
  }
}

/** Connect: an error is all that the body holds. */
async function blameInJson(
  response: UniversalServerResponse,
  body: AsyncIterable<Uint8Array>,
): Promise<UniversalServerResponse> {
  const bytes = await readAllBytes(body, MAX_ERROR_BYTES);
  const told = errorFromJsonBytes(bytes, undefined, new ConnectError("", Code.Internal));
  if (!isUnreadable(told.rawMessage)) return { ...response, body: createAsyncIterable([bytes]) };
  const blame = errorToJsonBytes(new ConnectError(told.rawMessage, Code.InvalidArgument), {});
  response.header?.set("content-length", String(blame.length));
  return { ...response, status: 400, body: createAsyncIterable([blame]) };
}

/** No error of ours comes near it. */
const MAX_ERROR_BYTES = 16 * 1024 * 1024;
