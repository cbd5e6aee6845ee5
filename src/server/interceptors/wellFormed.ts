import type { DescMessage, Message } from "@bufbuild/protobuf";
import { Code, type Interceptor } from "@connectrpc/connect";
import { iterating } from "../../lib/iterating.js";
import { ApiError } from "../apiError.js";
import { findMalformed } from "../findMalformed.js";

/**
 * Refuses what no service can use, wherever it hides in a request: see `findMalformed`. Items that are answered one by
 * one are looked at by their service, lest one of them ends the stream.
 */
export const wellFormed = (): Interceptor => (next) => async (request) => {
  const { input, methodKind } = request.method;
  if (methodKind === "bidi_streaming") return next(request);
  if (request.stream) return next({ ...request, message: checkEach(input, request.message) });
  check(input, request.message);
  return next(request);
};

const checkEach = <T extends Message>(desc: DescMessage, messages: AsyncIterable<T>) =>
  iterating(messages, {
    each(message) {
      check(desc, message);
      return message;
    },
  });

function check(desc: DescMessage, message: Message): void {
  const found = findMalformed(desc, message);
  if (found === null) return;
  throw new ApiError({
    code: Code.InvalidArgument,
    errorCode: "VALIDATION",
    message: `${found.path} ${found.problem}`,
    reason: "MALFORMED_FIELD",
    metadata: { field: found.path },
  });
}
