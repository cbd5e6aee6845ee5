import { Ajv, type ValidateFunction } from "ajv";
import formats from "ajv-formats";
import { type Json, parseJson } from "../../../src/lib/parseJson.js";
import {
  type DocumentedAnswer,
  type Operation,
  REFUSAL,
  readDocument,
  type Schema,
} from "./document.js";
import { type Range, toJsonSchema } from "./toJsonSchema.js";
import { TOLERATED, type Tolerance } from "./tolerated.js";

/** An answer over REST, whole. */
export interface Answer {
  readonly verb: string;
  /** Without the query. */
  readonly path: string;
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** Tells what the document has against an answer; nothing if it is as documented, or as tolerated. */
export type Check = (answer: Answer) => string[];

export function createCheck(tolerated: readonly Tolerance[] = TOLERATED): Check {
  const { operations, schemas } = readDocument();
  for (const { amend } of tolerated) amend(schemas, operations);
  const ajv = createAjv();
  const compiled = new Map<Schema, ValidateFunction>();

  function problemsOfValue(schema: Schema, value: unknown): string[] {
    const validate = compiled.get(schema) ?? ajv.compile(toJsonSchema(schema, schemas));
    compiled.set(schema, validate);
    if (validate(value)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath} ${message} ${print(params)}`,
    );
  }

  function problemsOfHeaders({ headers = {} }: DocumentedAnswer, answer: Answer): string[] {
    return Object.entries(headers).flatMap(([name, { schema }]) => {
      const text = answer.headers.get(name) ?? "";
      const value = /^-?\d+$/.test(text) ? BigInt(text) : text;
      return problemsOfValue(schema, value).map((problem) => `header ${name}${problem}`);
    });
  }

  function problemsOfBody(
    { content }: DocumentedAnswer,
    { verb, headers, body }: Answer,
  ): string[] {
    const type = headers.get("content-type");
    const schema = content?.["application/json"]?.schema;
    // A JSON type on an empty body is the end of some clients.
    if (verb === "HEAD" || schema === undefined) {
      return [...(body === "" ? [] : ["a body"]), ...(type === null ? [] : [`type ${type}`])];
    }
    if (!/^application\/json(;|$)/.test(type ?? "")) return [`type ${type}`];
    try {
      JSON.parse(body);
      return problemsOfValue(schema, toValue(parseJson(body)));
    } catch (error) {
      return [`${error}`];
    }
  }

  return (answer) => {
    const { verb, path, status } = answer;
    const operation = findOperation(operations, verb, path);
    // What the document does not have is ours to shape, but for its refusals.
    if (operation === undefined && status < 400) return [];
    const documented = operation === undefined ? REFUSAL : documentedAnswer(operation, status);
    const problems =
      documented === undefined
        ? ["a status that is not documented"]
        : [...problemsOfHeaders(documented, answer), ...problemsOfBody(documented, answer)];
    return problems.map((problem) => `${verb} ${path} ${status}: ${problem}`);
  };
}

function createAjv(): Ajv {
  const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
  formats.default(ajv, ["date-time"]);
  ajv.addKeyword({
    keyword: "integer",
    schemaType: "object",
    validate: ({ minimum, maximum }: Range, value: unknown) =>
      typeof value === "bigint" &&
      (minimum === undefined || minimum <= value) &&
      (maximum === undefined || value <= maximum),
  });
  return ajv;
}

/** The operation that `verb` and `path` call; of two, the one with the longer constant part. */
function findOperation(operations: readonly Operation[], verb: string, path: string) {
  return operations
    .filter((it) => it.verb === verb && toRegExp(it.path).test(path))
    .sort((a, b) => a.path.split("{").length - b.path.split("{").length)[0];
}

const toRegExp = (path: string) => new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]*")}$`);

const documentedAnswer = ({ responses }: Operation, status: number) =>
  responses[status] ?? (status >= 400 ? responses["default"] : undefined);

const print = (params: object) =>
  JSON.stringify(params, (_, value) => (typeof value === "bigint" ? String(value) : value));

/** JSON with its integers, as far as they are written as such, as bigints. */
function toValue(json: Json): unknown {
  if (json === null || typeof json !== "object") return json;
  if (Array.isArray(json)) return json.map(toValue);
  if (json instanceof Map) {
    return Object.fromEntries([...json].map(([key, value]) => [key, toValue(value)]));
  }
  const { token } = json as { token: string };
  return /^-?\d+$/.test(token) ? BigInt(token) : Number(token);
}
