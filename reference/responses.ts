import { type DescMethod, getOption } from "@bufbuild/protobuf";
import { http } from "../gen/google/api/annotations_pb.js";
import { methodRule } from "../src/server/rest/rules.js";
import type { Example } from "./examples/example.js";
import type { Schema, Schemas } from "./schemas.js";

/** The answer to a call that succeeded, by its status. */
export function answerOf(
  method: DescMethod,
  schemas: Schemas,
  example: Example | undefined,
): Record<string, Schema> {
  const status = methodRule(method).status || 200;
  const headers = headersOf(method, status, schemas);
  const hasBody = status !== 204 && getOption(method, http).pattern.case !== "custom";
  return {
    [status]: {
      description: describe(method, hasBody),
      ...(Object.keys(headers).length > 0 && { headers }),
      ...(hasBody && { content: contentOf(method, schemas, example) }),
    },
  };
}

function describe(method: DescMethod, hasBody: boolean): string {
  if (!hasBody) return "Done; the answer has no body.";
  if (method.methodKind === "unary") return "The answer.";
  const { eventId } = methodRule(method);
  const id = eventId === "" ? "" : ` Its \`id\` is what \`Last-Event-ID\` takes to go on after it.`;
  return (
    `A stream of events. The \`data\` of each is one JSON text, as described here.${id} A comment line now and then ` +
    "keeps an idle stream open. What breaks it off is an event named `error`, whose data is the error that the call would have been answered with."
  );
}

function contentOf(method: DescMethod, schemas: Schemas, example: Example | undefined): Schema {
  const schema = schemas.ofMessage(method.output, "answer");
  if (method.methodKind !== "unary") {
    return { "text/event-stream": { schema, ...(example?.events && { example: example.events }) } };
  }
  const shown = example?.answer !== undefined && { example: example.answer };
  return { "application/json": { schema, ...shown } };
}

function headersOf(method: DescMethod, status: number, schemas: Schemas): Record<string, Schema> {
  const bound = methodRule(method).headers.map(({ name, field: fieldName }) => {
    const field = method.output.fields.find((candidate) => candidate.name === fieldName);
    if (field === undefined) throw new Error(`${method} has no ${fieldName} for ${name}`);
    const schema = schemas.ofField(field, "answer");
    return [name, { description: HEADERS[name] ?? "", schema }] as const;
  });
  const isRepeatable = method.input.fields.some(({ name }) => name === "idempotency_key");
  return {
    ...Object.fromEntries(bound),
    ...(isRepeatable && { "Idempotency-Hit": text("Idempotency-Hit") }),
    ...(status === 201 && { Location: text("Location") }),
  };
}

const HEADERS: Readonly<Record<string, string>> = {
  Count: "How many there are.",
  "Idempotency-Hit":
    "`true` if this is the stored answer to an earlier request with the same idempotency key; else absent.",
  Location: "Where to read what was made.",
};

const text = (name: string): Schema => ({
  description: HEADERS[name],
  schema: { type: "string" },
});
