import { readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import {
  callsOf,
  type Document,
  findCall,
  resolve,
  type Schema,
} from "../../reference/document.js";
import type { Answer, Check } from "./checkAnswer.js";

/** Tells what our own OpenAPI document has against an answer: a status, a key or a value that it does not know. */
export function createDocumentedCheck(): Check {
  const document: Document = JSON.parse(readFileSync("gen/openapi.json", "utf8"));
  const calls = callsOf(document);
  const ajv = new Ajv2020({ allErrors: true, strict: false });
  formats.default(ajv, ["date-time"]);
  ajv.addFormat("int32", true).addFormat("int64", true);
  const compiled = new Map<Schema, ValidateFunction>();

  function problemsOfValue(schema: Schema, value: unknown): string[] {
    const validate = compiled.get(schema) ?? ajv.compile(close(schema, document));
    compiled.set(schema, validate);
    if (validate(value)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
    );
  }

  function problemsOf({ verb, path, status, headers, body }: Answer): string[] {
    const asked = findCall(verb, path, calls);
    const read = verb === "HEAD" ? findCall("GET", path, calls) : undefined;
    const operation = (asked ?? read)?.operation;
    if (operation === undefined) return status >= 400 ? [] : ["no operation"];
    // A segment that is longer than any may be is no path of an operation.
    if (status === 404 && body.includes('"no such route"')) return [];
    const isOther = OF_ANY_PATH.has(status) || status >= 500;
    const documented = operation.responses[status] ?? (isOther && operation.responses["default"]);
    if (!documented) return ["a status that is not documented"];
    const missing = Object.keys(documented.headers ?? {}).filter(
      (name) => ALWAYS.has(name) && !headers.has(name),
    );
    const lacks = missing.map((name) => `no header ${name}`);
    const schema = documented.content?.["application/json"]?.schema;
    if (verb === "HEAD" || schema === undefined) return body === "" ? lacks : [...lacks, "a body"];
    return [...lacks, ...problemsOfValue(schema, JSON.parse(body))];
  }

  return (answer) =>
    problemsOf(answer).map(
      (problem) => `${answer.verb} ${answer.path} ${answer.status}: ${problem}`,
    );
}

/** Refused before the operation is looked at. */
const OF_ANY_PATH: ReadonlySet<number> = new Set([405, 414]);

const ALWAYS: ReadonlySet<string> = new Set(["Count", "Location", "WWW-Authenticate"]);

/** `schema` with its references followed, and without room for what it does not name. */
function close(schema: Schema, document: Document, isPart = false): Schema {
  const it = resolve(schema, document);
  const inside = (parts: readonly Schema[], arePart: boolean) =>
    parts.map((part) => close(part, document, arePart));
  const isObject = it.properties !== undefined || it.allOf !== undefined;
  return {
    ...it,
    ...(it.allOf && { allOf: inside(it.allOf, true) }),
    ...(it.anyOf && { anyOf: inside(it.anyOf, isPart) }),
    ...(it.items && { items: close(it.items, document) }),
    ...(typeof it.additionalProperties === "object" && {
      additionalProperties: close(it.additionalProperties, document),
    }),
    ...(it.properties && {
      properties: Object.fromEntries(
        Object.entries(it.properties).map(([name, of]) => [name, close(of, document)]),
      ),
    }),
    ...(isObject && !isPart && !it.additionalProperties && { unevaluatedProperties: false }),
  };
}
