import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { authOperations } from "../rest/publishedApi/auth.js";
import { ledgerOperations } from "../rest/publishedApi/ledger.js";
import type { Shape } from "../rest/publishedApi/operation.js";
import { paymentsOperations, stackOperations } from "../rest/publishedApi/payments.js";
import { hasDocument } from "../support/published/document.js";
import { missing, optional, type Placed } from "./covers.js";
import {
  type Call,
  callsOf,
  findCall,
  ours,
  type Parameter,
  resolve,
  type Schema,
} from "./document.js";

const calls = callsOf(ours);
const placed = (schema: Schema): Placed => ({ schema, document: ours });

test.each([...authOperations, ...ledgerOperations, ...paymentsOperations, ...stackOperations])(
  "$call of the published API is documented, whole",
  ({ call, variables, query = {}, headers = [], body, status, answer }) => {
    const [verb = "", path = ""] = call.split(" ");
    const operation = findCall(verb, path, calls)?.operation;
    if (operation === undefined) return expect.unreachable(`${call} is not documented`);
    const lacks: string[] = [];
    const compare = (shape: Shape, schema: Schema | undefined, place: string) =>
      schema === undefined
        ? lacks.push(place)
        : lacks.push(...missing({ schema: toSchema(shape), document: {} }, placed(schema), place));

    const parameterOf = (name: string, where: string) =>
      operation.parameters?.find((it) => it.name === name && it.in === where);
    for (const [name, shape] of Object.entries(query)) {
      compare(shape, parameterOf(name, "query")?.schema, name);
    }
    for (const [name, shape] of Object.entries(variables ?? {})) {
      compare(shape, parameterOf(name, "path")?.schema, name);
    }
    if (body !== undefined) compare(body, jsonOf(operation.requestBody), "body");
    const answered = operation.responses[status];
    expect(answered, `status ${status}`).toBeDefined();
    if (answer !== undefined) compare(answer, jsonOf(answered), "answer");
    const names = Object.keys(answered?.headers ?? {}).map((name) => name.toLowerCase());
    for (const name of headers) expect(names).toContain(name);
    expect(lacks.filter((it) => !isKnown(`${call} ${it}`))).toEqual([]);
  },
);

const jsonOf = (part: Partial<Call["operation"]["requestBody"]> | undefined) =>
  part?.content?.["application/json"]?.schema;

/** What may be null is not in the record; the document says it, below. */
const toSchema = (shape: Shape): Schema => ({ ...toPlainSchema(shape), nullable: true });

function toPlainSchema(shape: Shape): Schema {
  if (shape instanceof Set) return { type: "string", enum: [...shape] };
  if (Array.isArray(shape)) return { type: "array", items: toSchema(shape[0]) };
  if (typeof shape === "object") {
    if ("each" in shape) return { type: "object", additionalProperties: toSchema(shape.each) };
    if (!("fields" in shape)) throw new Error("a shape of no kind");
    const named = Object.entries(shape.fields).map(([name, of]) => [name, toSchema(of)]);
    return { type: "object", properties: Object.fromEntries(named) };
  }
  if (shape === "time") return { type: "string", format: "date-time" };
  if (shape === "duration") return { type: "string" };
  return { type: shape };
}

/** Where the published document and ours differ on purpose, and why. */
const DIFFERENCES: readonly { readonly place: RegExp; readonly why: string }[] = [
  {
    place: /(transactions|logs) after: integer for string$/,
    why: "text there, of digits all the same",
  },

  { place: /accounts.*\.type$/, why: "the reference never sent it, and nor do we" },
  { place: /connectors\/configs answer/, why: "literal keys stand there for any name" },
  { place: /tasks.* answer\..*(descriptor|state)\./, why: "each connector has its own form" },
  { place: /answer.*(status|\.status): no "/, why: "one list there for payments and tasks" },
  {
    place: /answer\..*contracts\[\]\.accounts: optional$/,
    why: 'a slip there: the property is called "account"',
  },
  { place: /balances address: array for string/, why: "more than one may be given" },
  { place: /metadata( body)?\.key$/, why: 'literal "key" stands there for any name' },
  {
    place: /transfers answer\.data\[\]\.error: may be null$/,
    why: "there is none yet while it is pending",
  },
];

const isKnown = (lack: string): boolean => DIFFERENCES.some(({ place }) => place.test(lack));

test.skipIf(!hasDocument)("everything the published document says is in ours", () => {
  const document = JSON.parse(
    readFileSync("../shared/contract/openapi-v1.0.20230710.json", "utf8"),
  );
  const theirs = (schema: Schema): Placed => ({ schema, document });
  const published = callsOf(document).filter(({ path }) =>
    /^(\/api\/(auth|ledger|payments)\/|\/versions$)/.test(path),
  );
  const lacks: string[] = [];
  for (const { verb, path, operation: raw } of published) {
    const name = `${verb} ${path}`;
    const operation = findCall(verb, path, calls)?.operation;
    if (operation === undefined) {
      lacks.push(name);
      continue;
    }
    if (operation.operationId !== raw.operationId) lacks.push(`${name}: id ${raw.operationId}`);
    if (raw.deprecated && !operation.deprecated) lacks.push(`${name}: not deprecated`);
    for (const given of raw.parameters ?? []) {
      const parameter: Parameter = resolve(given, document);
      const found = operation.parameters?.find(
        (it) => it.name === parameter.name && it.in === parameter.in,
      );
      if (found === undefined) lacks.push(`${name} ${parameter.name}`);
      else {
        lacks.push(
          ...missing(theirs(parameter.schema), placed(found.schema), `${name} ${found.name}`),
        );
        if (parameter.deprecated && !found.deprecated)
          lacks.push(`${name} ${found.name}: not deprecated`);
        if (found.required && !parameter.required) lacks.push(`${name} ${found.name}: required`);
      }
    }
    const body = jsonOf(resolve(raw.requestBody ?? {}, document));
    if (body !== undefined) {
      const found = jsonOf(operation.requestBody);
      if (found === undefined) lacks.push(`${name} body`);
      else {
        lacks.push(...missing(theirs(body), placed(found), `${name} body`));
      }
    }
    for (const [status, given] of Object.entries(raw.responses)) {
      const answer = jsonOf(resolve(given, document));
      const found = operation.responses[status];
      if (found === undefined) lacks.push(`${name} ${status}`);
      const schema = jsonOf(found);
      if (answer === undefined || (verb === "HEAD" && schema === undefined)) continue;
      const place = `${name} ${status === "default" ? status : "answer"}`;
      if (schema === undefined) lacks.push(place);
      else {
        lacks.push(...missing(theirs(answer), placed(schema), place));
        lacks.push(
          ...optional(theirs(answer), placed(schema), place).map((it) => `${it}: optional`),
        );
      }
    }
  }
  expect(published.length).toBeGreaterThan(50);
  expect(lacks.filter((it) => !isKnown(it))).toEqual([]);
  const unused = DIFFERENCES.filter(({ place }) => !lacks.some((it) => place.test(it)));
  expect(unused.map(({ why }) => why)).toEqual([]);
});
