import {
  ConnectError,
  type Interceptor,
  type StreamRequest,
  type UnaryRequest,
} from "@connectrpc/connect";
import { codeToString } from "@connectrpc/connect/protocol-connect";
import { iterating } from "../../lib/iterating.js";
import { type Protocol, recordOf } from "../callRecord.js";
import { principalKey } from "../principal.js";

/** Notes in the request's record what was called, by whom, and how it ended. */
export const recordCall = (): Interceptor => (next) => async (request) => {
  const record = recordOf(request);
  if (record === null) return next(request);
  const { service, method, contextValues } = request;
  const rpc = `${service.typeName}/${method.name}`;
  const call = { rpc, protocol: protocolOf(request, rpc), code: null, subject: null };
  record.call = call;
  const end = (code: string) => {
    const subject = contextValues.get(principalKey)?.subject ?? null;
    record.call = { ...call, code, subject };
  };
  try {
    const response = await next(request);
    if (response.stream) return { ...response, message: tellEnd(response.message, end) };
    end("ok");
    return response;
  } catch (error) {
    end(codeOf(error));
    throw error;
  }
};

/** `messages`; `end` is told how they ended. If nobody reads that far, it is not told. */
const tellEnd = <T>(messages: AsyncIterable<T>, end: (code: string) => void) =>
  iterating(messages, {
    onEnd: () => end("ok"),
    onError(error) {
      end(codeOf(error));
      throw error;
    },
  });

const codeOf = (error: unknown): string => codeToString(ConnectError.from(error).code);

/** Only REST has paths of its own. */
function protocolOf({ url, header }: UnaryRequest | StreamRequest, rpc: string): Protocol {
  const path = url.indexOf("/", url.indexOf("//") + 2);
  if (!url.startsWith(`/${rpc}`, path)) return "rest";
  const contentType = header.get("content-type") ?? "";
  if (contentType.startsWith("application/grpc-web")) return "grpc-web";
  return contentType.startsWith("application/grpc") ? "grpc" : "connect";
}
