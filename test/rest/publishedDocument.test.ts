import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { authOperations } from "./publishedApi/auth.js";
import { ledgerOperations } from "./publishedApi/ledger.js";
import type { Operation, Shape } from "./publishedApi/operation.js";
import { paymentsOperations, stackOperations } from "./publishedApi/payments.js";

/** The document lies beside the repository where Florin is developed; what it says is recorded in `publishedApi`. */
const DOCUMENT = "../shared/contract/openapi-v1.0.20230710.json";

/** What the record leaves out on purpose, or says in another way, by place. */
const KNOWN: readonly RegExp[] = [
  // The reference never sent it, and nor do we.
  /accounts.* answer\..*type$/,
  // "Any name" stands in the document as the literal keys "connector" and "key".
  /connectors\/configs answer/,
  // One operation for each connector in the record, one of all in the document.
  /POST \/api\/payments\/connectors\/\{connector\} /,
  /GET \/api\/payments\/connectors\/\{connector\}\/config answer/,
  // Descriptors and states are each connector's own.
  /tasks.* answer\..*(descriptor|state)/,
  // Metadata of a payment: its literal key "key" stands for any.
  /(metadata|metadata body)\.key$/,
];

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

test.skipIf(!existsSync(DOCUMENT))(
  "the record of the API says what the published document says",
  () => {
    const document = JSON.parse(readFileSync(DOCUMENT, "utf8"));
    // biome-ignore lint/suspicious/noExplicitAny: the document is untyped JSON.
    const resolve = (it: any): any =>
      it?.$ref === undefined
        ? it
        : resolve(
            it.$ref
              .split("/")
              .slice(1)
              .reduce((node: never, key: string) => node[key], document),
          );

    /** Places of all leaves of a schema: "a.b", "a[]", "a{}". */
    function leaves(schema: Schema, place: string): string[] {
      const it: Schema = resolve(schema);
      const parts = [...(it.allOf ?? []), ...(it.anyOf ?? []), ...(it.oneOf ?? [])];
      if (parts.length > 0) return parts.flatMap((part) => leaves(part, place));
      if (it.items) return leaves(it.items, `${place}[]`);
      const named = Object.entries(it.properties ?? {});
      if (named.length > 0) return named.flatMap(([name, of]) => leaves(of, `${place}.${name}`));
      const { additionalProperties: any } = it;
      if (typeof any === "object" && Object.keys(any).length > 0) return leaves(any, `${place}{}`);
      return [place];
    }

    const documented = new Set<string>();
    for (const [path, verbs] of Object.entries<Record<string, never>>(document.paths)) {
      if (!/^(\/api\/(auth|ledger|payments)\/|\/versions$)/.test(path)) continue;
      for (const [verb, operation] of Object.entries<Record<string, never>>(verbs)) {
        const call = `${verb.toUpperCase()} ${path}`;
        for (const parameter of operation["parameters"] ?? []) {
          const { in: where, name } = resolve(parameter);
          if (where !== "path") documented.add(`${call} ${where} ${name}`);
        }
        const body = jsonOf(resolve(operation["requestBody"] ?? {}));
        if (body) for (const leaf of leaves(body, "body")) documented.add(`${call} ${leaf}`);
        const [status = "", response] = Object.entries(operation["responses"] ?? {})[0] ?? [];
        documented.add(`${call} status ${status}`);
        const answer = jsonOf(resolve(response));
        if (answer) for (const leaf of leaves(answer, "answer")) documented.add(`${call} ${leaf}`);
        for (const name of Object.keys(resolve(response).headers ?? {})) {
          documented.add(`${call} header ${name.toLowerCase()}`);
        }
      }
    }

    const operations = [...authOperations, ...ledgerOperations];
    const recorded = new Set(
      [...operations, ...paymentsOperations, ...stackOperations].flatMap(told),
    );
    const missing = [...documented].filter((place) => !recorded.has(place) && !isKnown(place));
    expect(documented.size).toBeGreaterThan(300);
    expect(missing).toEqual([]);
  },
);

const isKnown = (place: string): boolean => KNOWN.some((known) => known.test(place));

const jsonOf = (part: { content?: { "application/json"?: { schema: Schema } } }) =>
  part.content?.["application/json"]?.schema;

function told({ call, status, query = {}, headers = [], body, answer }: Operation): string[] {
  return [
    `status ${status}`,
    ...Object.keys(query).map((name) => `query ${name}`),
    ...headers.map((name) => `header ${name.toLowerCase()}`),
    ...(body === undefined ? [] : shapeLeaves(body, "body")),
    ...(answer === undefined ? [] : shapeLeaves(answer, "answer")),
  ].map((place) => `${call} ${place}`);
}

function shapeLeaves(shape: Shape, place: string): string[] {
  if (typeof shape === "string" || shape instanceof Set) return [place];
  if (Array.isArray(shape)) return shapeLeaves(shape[0], `${place}[]`);
  if ("each" in shape) return shapeLeaves(shape.each, `${place}{}`);
  if (!("fields" in shape)) return [place];
  return Object.entries(shape.fields).flatMap(([name, of]) => shapeLeaves(of, `${place}.${name}`));
}
