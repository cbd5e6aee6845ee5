import { type DescMethod, type DescService, type Message, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { AuthService } from "../../gen/florin/auth/v1/auth_pb.js";
import { LedgerService } from "../../gen/florin/ledger/v1/ledger_pb.js";
import { PaymentsService } from "../../gen/florin/payments/v1/payments_pb.js";
import { StackService } from "../../gen/florin/stack/v1/stack_pb.js";
import { type Json, parseJson } from "../../src/lib/parseJson.js";
import { fillMessage } from "./fillMessage.js";
import { authOperations } from "./publishedApi/auth.js";
import { ledgerOperations } from "./publishedApi/ledger.js";
import type { Leaf, Operation, Shape } from "./publishedApi/operation.js";
import { paymentsOperations, stackOperations } from "./publishedApi/payments.js";
import { type CallOptions, serveRest } from "./serveRest.js";

/**
 * Walks the published API v1.0.20230710, as `publishedApi` records it, against RPCs that answer with everything
 * they can: each parameter and body field must reach a request, each field of an answer must come of one.
 */

/** Enough for each value of the largest enum, and each member of the largest oneof. */
const ROUNDS = 18;

/** Sends requests to the services' REST form, and tells the request message that came of each. */
async function serveEverything() {
  let seen = "";
  let round = 0;
  const answerAll = (service: DescService) => {
    const answer =
      ({ name, input, output }: DescMethod) =>
      (request: Message) => {
        seen = `${name} ${Buffer.from(toBinary(input, request)).toString("hex")}`;
        return fillMessage(output, round);
      };
    const methods = service.methods.map((method) => [method.localName, answer(method)]);
    return { service, implementation: Object.fromEntries(methods) };
  };
  const services = [AuthService, LedgerService, PaymentsService, StackService].map(answerAll);
  const { send } = await serveRest({}, { services });
  return async (verb: string, path: string, options: CallOptions = {}, inRound = 0) => {
    seen = "";
    round = inRound;
    const answer = await send(verb, path, options);
    return { ...answer, seen };
  };
}

test.each([...authOperations, ...ledgerOperations, ...paymentsOperations, ...stackOperations])(
  "$call is bound, whole",
  async (operation) => {
    const call = await serveEverything();
    const [verb = "", template = ""] = operation.call.split(" ");
    const missing: string[] = [];

    const ask = (path: string, options?: CallOptions, round?: number) =>
      call(verb, path, options, round);
    const reaches = async (what: string, path: string, options: CallOptions, unlike: string) => {
      const { status, seen, body } = await ask(path, options);
      if (status !== operation.status) missing.push(`${what}: ${status} ${body}`);
      else if (seen === unlike) missing.push(what);
      return seen;
    };

    const path = fillPath(template, operation);
    const emptyBody = operation.body === undefined ? {} : { body: "{}" };
    const plain = await ask(path, emptyBody);
    expect([plain.status, plain.body !== ""]).toEqual([
      operation.status,
      operation.answer !== undefined,
    ]);
    for (const name of operation.headers ?? []) {
      expect(plain.headers[name], `header ${name}`).toBe("7");
    }

    for (const [variable] of template.matchAll(/\{\w+\}/g)) {
      const texts = operation.variables?.[variable.slice(1, -1)] ?? ["8"];
      for (const text of [...texts].filter((candidate) => !path.includes(candidate))) {
        const other = fillPath(template.replace(variable, text), operation);
        await reaches(`path variable ${variable} ${text}`, other, emptyBody, plain.seen);
      }
    }

    for (const [name, shape] of Object.entries(operation.query ?? {})) {
      let before = plain.seen;
      for (const parameter of parametersOf(name, shape)) {
        before = await reaches(`parameter ${parameter}`, `${path}?${parameter}`, emptyBody, before);
      }
    }

    for (const body of bodiesOf(operation.body ?? "object")) {
      if (operation.body === undefined) break;
      await reaches(`body ${body}`, path, { body }, plain.seen);
    }

    if (operation.answer !== undefined) {
      const found = new Map<string, Set<string>>();
      for (let round = 0; round < ROUNDS; round++) {
        const { body } = await ask(path, emptyBody, round);
        collect(parseJson(body), operation.answer, "answer", found);
      }
      missing.push(...absent(operation.answer, "answer", found));
    }

    expect(missing).toEqual([]);
  },
);

const fillPath = (template: string, { variables = {} }: Operation): string =>
  template.replaceAll(/\{(\w+)\}/g, (_, name: string) => [...(variables[name] ?? ["7"])][0] ?? "");

/** Query strings that say something each. */
function parametersOf(name: string, shape: Shape): string[] {
  if (shape instanceof Set) return [...shape].map((text) => `${name}=${encodeURIComponent(text)}`);
  if (Array.isArray(shape)) return [`${name}=7`, `${name}=7&${name}=8`];
  if (typeof shape === "object") return [`${name}[some]=7`, `${name}%5Bsome%5D=8`];
  return [`${name}=${encodeURIComponent(JSON.parse(SAMPLES[shape]))}`];
}

/** Bodies of JSON that hold one leaf of `shape` each. */
function bodiesOf(shape: Shape): string[] {
  if (typeof shape === "string") return [SAMPLES[shape]];
  if (shape instanceof Set) return [...shape].map((text) => JSON.stringify(text));
  if (Array.isArray(shape)) return bodiesOf(shape[0]).map((item) => `[${item}]`);
  if ("each" in shape) return bodiesOf(shape.each).map((value) => `{"some":${value}}`);
  if (!("fields" in shape)) return [];
  return Object.entries(shape.fields).flatMap(([name, field]) =>
    bodiesOf(field).map((value) => `{${JSON.stringify(name)}:${value}}`),
  );
}

const SAMPLES: Readonly<Record<Leaf, string>> = {
  string: '"7"',
  integer: "7",
  boolean: "true",
  time: '"2023-07-10T12:00:00Z"',
  duration: '"7s"',
  object: '{"some":"thing"}',
};

/** Notes, for each place in `shape`, what stands there in `json`: "fits", "misfit …", or the text of an enum. */
function collect(json: Json, shape: Shape, place: string, found: Map<string, Set<string>>): void {
  const note = (what: string) => found.set(place, (found.get(place) ?? new Set()).add(what));
  if (shape instanceof Set) note(typeof json === "string" ? json : misfit(json));
  else if (typeof shape === "string") note(fitsLeaf(json, shape) ? "fits" : misfit(json));
  else if (Array.isArray(shape)) {
    if (!Array.isArray(json)) note(misfit(json));
    else for (const item of json) collect(item, shape[0], `${place}[]`, found);
  } else if (!(json instanceof Map)) note(misfit(json));
  else if ("each" in shape) {
    for (const value of json.values()) collect(value, shape.each, `${place}{}`, found);
  } else if ("fields" in shape) {
    for (const [name, field] of Object.entries(shape.fields)) {
      const value = json.get(name);
      if (value !== undefined) collect(value, field, `${place}.${name}`, found);
    }
  }
}

const misfit = (json: Json): string => `misfit ${JSON.stringify(json)}`;

function fitsLeaf(json: Json, leaf: Leaf): boolean {
  if (leaf === "object") return json instanceof Map;
  if (leaf === "boolean") return typeof json === "boolean";
  if (leaf === "integer") {
    return typeof json === "object" && json !== null && "token" in json && /^\d+$/.test(json.token);
  }
  if (typeof json !== "string") return false;
  if (leaf === "time") return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(json);
  return leaf === "duration" ? /s$/.test(json) : true;
}

/** The leaves of `shape` that no answer held, or held wrongly. */
function absent(shape: Shape, place: string, found: ReadonlyMap<string, Set<string>>): string[] {
  const misfits = [...(found.get(place) ?? [])].filter((what) => what.startsWith("misfit"));
  const wrong = misfits.map((what) => `${place}: ${what}`);
  if (shape instanceof Set) {
    const texts = [...shape].filter((text) => !found.get(place)?.has(text));
    return [...wrong, ...texts.map((text) => `${place}: ${text}`)];
  }
  if (typeof shape === "string") return found.has(place) ? wrong : [place];
  if (Array.isArray(shape)) return [...wrong, ...absent(shape[0], `${place}[]`, found)];
  if ("each" in shape) return [...wrong, ...absent(shape.each, `${place}{}`, found)];
  if (!("fields" in shape)) return wrong;
  const within = Object.entries(shape.fields).flatMap(([name, field]) =>
    absent(field, `${place}.${name}`, found),
  );
  return [...wrong, ...within];
}
