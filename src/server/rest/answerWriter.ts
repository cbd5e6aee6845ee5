import { type DescMethod, getOption, type Message } from "@bufbuild/protobuf";
import { http } from "../../../gen/google/api/annotations_pb.js";
import type { HttpResponse } from "../handler.js";
import { fieldEncoder, messageEncoder } from "./messageEncoder.js";
import { methodRule } from "./rules.js";

/** Writes a response message, and the headers that go with it, as the answer to a request. */
export type WriteAnswer = (message: Message, headers: Headers, response: HttpResponse) => void;

/** How REST answers calls of a unary `method` that succeeded. */
export function answerWriter(method: DescMethod): WriteAnswer {
  const { status: ruledStatus, headers: bindings } = methodRule(method);
  const status = ruledStatus || 200;
  const encode = bodyEncoder(method);
  const bound = bindings.map(({ name, field }) => ({
    name: name.toLowerCase(),
    localName: responseField(method, field).localName,
  }));
  return (message, headers, response) => {
    const head: Record<string, string | number> = Object.fromEntries(headers);
    for (const { name, localName } of bound) head[name] = String(fieldsOf(message)[localName]);
    if (status === 204 || response.req.method === "HEAD") {
      response.writeHead(status, head);
      response.end();
      return;
    }
    const body = encode(message);
    head["content-type"] = "application/json; charset=utf-8";
    head["content-length"] = Buffer.byteLength(body);
    response.writeHead(status, head);
    response.end(body);
  };
}

function bodyEncoder(method: DescMethod): (message: Message) => string {
  const { responseBody } = getOption(method, http);
  if (responseBody === "") {
    const encode = messageEncoder(method.output);
    return (message) => encode(message as never);
  }
  const field = responseField(method, responseBody);
  const encode = fieldEncoder(field);
  return (message) => encode(fieldsOf(message)[field.localName] as never);
}

function responseField({ output }: DescMethod, name: string) {
  const field = output.fields.find((candidate) => candidate.name === name);
  if (field === undefined) throw new Error(`${output} has no field "${name}"`);
  return field;
}

const fieldsOf = (message: Message) => message as unknown as Readonly<Record<string, unknown>>;
