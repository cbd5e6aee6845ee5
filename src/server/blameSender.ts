import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import {
  createAsyncIterable,
  encodeEnvelope,
  readAllBytes,
  type UniversalHandler,
  type UniversalHandlerFn,
  type UniversalServerResponse,
} from "@connectrpc/connect/protocol";
import { errorFromJsonBytes, errorToJsonBytes } from "@connectrpc/connect/protocol-connect";
import { trailerFlag, trailerParse, trailerSerialize } from "@connectrpc/connect/protocol-grpc-web";
import { mendSurrogates } from "../lib/mendSurrogates.js";
import { countUpload } from "./countUpload.js";

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
    if (!(error instanceof ConnectError)) throw error;
    const code = isUnreadable(error.rawMessage) ? Code.InvalidArgument : error.code;
    // Of JSON that holds half a surrogate pair, the message may quote that half: it could not be sent.
    throw new ConnectError(mendSurrogates(error.rawMessage), code, error.metadata);
  }
}

/** `handler`, with the same for unary calls. */
export function blameSenderOf(handler: UniversalHandler): UniversalHandler {
  if (handler.method.methodKind !== "unary") return handler;
  const answer: UniversalHandlerFn = (request) =>
    handler(countUpload(request)).catch((error) => {
      if (!(error instanceof URIError)) throw error;
      // An error whose words could not be sent. Nobody would answer at all: so we make it fail with others.
      return handler({ ...request, body: unquotable });
    });
  return Object.assign<UniversalHandlerFn, UniversalHandler>(
    async (request) => setRight(await answer(request)),
    handler,
  );
}

/** A body that is known to be no good. */
const unquotable: AsyncIterable<Uint8Array> = {
  [Symbol.asyncIterator]: () => ({
    next: () => Promise.reject(new ConnectError(UNQUOTABLE, Code.InvalidArgument)),
  }),
};

const UNQUOTABLE = "the message cannot be read, and it holds half a surrogate pair";

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
