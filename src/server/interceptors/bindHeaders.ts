import type { DescField, DescMethod, Message } from "@bufbuild/protobuf";
import type { Interceptor } from "@connectrpc/connect";
import { iterating } from "../../lib/iterating.js";
import { emptyTest } from "../rest/emptyTest.js";
import { invalid } from "../rest/invalid.js";
import { fieldRule } from "../rest/rules.js";
import { textReader } from "../rest/textReader.js";

/**
 * Fills fields that their options bind to a request header, e.g. `Idempotency-Key`, unless the message has
 * them already: on every protocol, for a header is what all of them have.
 */
export const bindHeaders = (): Interceptor => (next) => (request) => {
  const bind = binderOf(request.method);
  if (bind === null) return next(request);
  if (!request.stream) {
    bind(request.message, request.header);
    return next(request);
  }
  return next({
    ...request,
    message: iterating(request.message, {
      each(message) {
        bind(message, request.header);
        return message;
      },
    }),
  });
};

type Bind = (message: Message, header: Headers) => void;

const binders = new WeakMap<DescMethod, Bind | null>();

function binderOf(method: DescMethod): Bind | null {
  let binder = binders.get(method);
  if (binder === undefined) {
    const fields = method.input.fields.filter((field) => fieldRule(field).header !== "");
    binder = fields.length === 0 ? null : compile(fields);
    binders.set(method, binder);
  }
  return binder;
}

function compile(fields: readonly DescField[]): Bind {
  const bindings = fields.map((field) => ({
    name: fieldRule(field).header,
    localName: field.localName,
    isEmpty: emptyTest(field),
    ...textReader(field, "header"),
  }));
  return (message, header) => {
    const values = message as unknown as Record<string, unknown>;
    for (const { name, localName, isEmpty, read, complaint } of bindings) {
      const text = header.get(name);
      if (text === null || text === "" || !isEmpty(values[localName])) continue;
      const value = read(text);
      if (value === null) throw invalid("INVALID_PARAMETER", complaint(name));
      values[localName] = value;
    }
  };
}
