import {
  type DescField,
  type DescMessage,
  type DescMethod,
  getOption,
  ScalarType,
} from "@bufbuild/protobuf";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { Empty, enum_value } from "../gen/florin/rest/v1/options_pb.js";
import { fieldRuleOf, methodRuleOf, nameOf, protoFiles, routeOf } from "./support/protos.js";

const files = (await protoFiles()).filter(({ name }) => name !== "florin/rest/v1/options");
const services = files.flatMap((file) => file.services);
const messages = files.flatMap((file) => file.messages);
const rpcs = services.flatMap((service) => service.methods);
const routes = rpcs.flatMap((rpc) => {
  const route = routeOf(rpc);
  return route === null ? [] : [{ rpc, ...route, variables: variablesOf(route.path) }];
});

test("the services are auth, ledger, payments and stack", () => {
  expect(services.map((service) => service.typeName)).toEqual([
    "florin.auth.v1.AuthService",
    "florin.ledger.v1.LedgerService",
    "florin.payments.v1.PaymentsService",
    "florin.stack.v1.StackService",
  ]);
});

test("an RPC has a REST form, unless it is marked as having none", () => {
  const wrong = rpcs.filter((rpc) => (routeOf(rpc) === null) !== methodRuleOf(rpc).rpcOnly);
  expect(wrong.map(nameOf)).toEqual([]);
});

test("only a stream of requests has no REST form", () => {
  const streaming = rpcs.filter(
    ({ methodKind }) => methodKind === "client_streaming" || methodKind === "bidi_streaming",
  );
  const rpcOnly = rpcs.filter((rpc) => methodRuleOf(rpc).rpcOnly);
  expect(rpcOnly.map(nameOf)).toEqual(streaming.map(nameOf));
});

test("an RPC needs a scope of its service, or is open to all", () => {
  const wrong = rpcs.filter((rpc) => {
    const { scope, open } = methodRuleOf(rpc);
    const scopes = [`${roomOf(rpc)}:read`, `${roomOf(rpc)}:write`];
    return open ? scope !== "" : !scopes.includes(scope);
  });
  expect(wrong.map(nameOf)).toEqual([]);
});

test("only the versions and the auth server's info are open", () => {
  expect(rpcs.filter((rpc) => methodRuleOf(rpc).open).map(nameOf)).toEqual([
    "florin.auth.v1.AuthService.GetServerInfo",
    "florin.stack.v1.StackService.GetVersions",
  ]);
});

test("what REST reads needs the read scope, what it changes the write scope", () => {
  const wrong = routes.filter(({ rpc, verb }) => {
    const { scope, open } = methodRuleOf(rpc);
    return !open && scope.endsWith(":read") !== ["GET", "HEAD"].includes(verb);
  });
  expect(wrong.map(({ rpc }) => nameOf(rpc))).toEqual([]);
});

test("a REST path lies below its service", () => {
  const wrong = routes.filter(({ rpc, path }) =>
    roomOf(rpc) === "stack" ? path !== "/versions" : !path.startsWith(`/api/${roomOf(rpc)}/`),
  );
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

test("no two RPCs share a REST method and path", () => {
  const calls = routes.map(({ verb, path }) => `${verb} ${path.replaceAll(/\{\w+\}/g, "{}")}`);
  expect(repeated(calls)).toEqual([]);
});

test("path variables and bodies are fields of the request", () => {
  for (const { rpc, variables, body } of routes) {
    for (const variable of variables) {
      const kind = rpc.input.fields.find((field) => field.name === variable)?.fieldKind;
      expect(["scalar", "enum"], `${nameOf(rpc)} ${variable}`).toContain(kind);
    }
    const bodies = ["", "*", ...rpc.input.fields.map((field) => field.name)];
    expect(bodies, nameOf(rpc)).toContain(body);
  }
});

test("method options stand where they mean something", () => {
  expect(rpcs.flatMap((rpc) => misuse(nameOf(rpc), methodUses(rpc)))).toEqual([]);
});

test("field options stand where they mean something", () => {
  const fields = messages.flatMap((message) => message.fields);
  expect(fields.flatMap((field) => misuse(String(field), fieldUses(field)))).toEqual([]);
});

test("no two keys of a REST object are the same", () => {
  const wrong = messages.filter((message) =>
    formsOf(message).some((keys) => repeated(keys).length > 0),
  );
  expect(wrong.map(String)).toEqual([]);
});

test("each value of an enum has texts of its own", () => {
  for (const type of files.flatMap((file) => file.enums)) {
    const texts = type.values
      .filter((value) => value.number !== 0)
      .map((value) => getOption(value, enum_value))
      .flatMap((rule) => [rule.name, ...rule.alias]);
    expect(texts, type.typeName).not.toContain("");
    expect(repeated(texts), type.typeName).toEqual([]);
  }
});

/** A rule, whether it applies, and whether it is kept. */
type Use = [rule: string, applies: boolean, kept: boolean];

const misuse = (where: string, uses: Use[]) =>
  uses.filter(([, applies, kept]) => applies && !kept).map(([rule]) => `${where}: ${rule}`);

function methodUses(rpc: DescMethod): Use[] {
  const rule = methodRuleOf(rpc);
  const outputs = rpc.output.fields.map((field) => field.name);
  const route = routeOf(rpc);
  const hasBody = route !== null && route.body !== "";
  const streams = rpc.methodKind === "server_streaming";
  return [
    ["status is 201 or 204", rule.status !== 0, [201, 204].includes(rule.status)],
    ["204 without an answer", rule.status === 204, outputs.length === 0],
    ["an empty answer with 204", outputs.length === 0, rule.status === 204],
    ["headers of the answer", true, rule.headers.every(({ field }) => outputs.includes(field))],
    ["headers for HEAD", route?.verb === "HEAD", rule.headers.length > 0],
    ["max_body_bytes of a body", rule.maxBodyBytes !== 0, hasBody],
    ["invalid_body of a body", rule.invalidBody !== "", hasBody],
    ["event_id of a stream", rule.eventId !== "", streams],
    ["event_id of a field", rule.eventId !== "", isScalar(rpc.output, rule.eventId.split("."))],
  ];
}

function fieldUses(field: DescField): Use[] {
  const rule = fieldRuleOf(field);
  const isText = field.fieldKind === "scalar" && field.scalar === ScalarType.STRING;
  const isTextMap = field.fieldKind === "map" && field.scalar === ScalarType.STRING;
  const alone = Object.entries(rule).filter(([name, value]) => isSet(name, value)).length === 1;
  const route = routes.find(({ rpc }) => rpc.input === field.parent);
  const inPath = route?.variables.includes(field.name) ?? false;
  const inBody = route === undefined || ["*", field.name].includes(route.body);
  const inQuery = !inPath && !inBody && rule.header === "";
  return [
    ["number on text", rule.number, isText || isTextMap],
    ["flatten on an only field", rule.flatten, field.parent.fields.length === 1],
    ["raw_json on text", rule.rawJson, isText && !rule.number],
    ["empty outside a oneof", rule.empty !== Empty.UNSPECIFIED, field.oneof === undefined],
    ["query_name in a query", rule.queryName !== "", inQuery],
    ["query_alias in a query", rule.queryAlias.length > 0, inQuery],
    ["query_map on a map in a query", rule.queryMap, inQuery && isTextMap],
    ["a map in a query by query_map", inQuery && field.fieldKind === "map", rule.queryMap],
    ["no message in a query", inQuery && field.fieldKind === "message", isTimestamp(field)],
    ["header on a scalar", rule.header !== "", route !== undefined && field.fieldKind === "scalar"],
    ["header alone", rule.header !== "", alone],
    ["twin outside a oneof", rule.twin !== "", field.oneof === undefined],
    ["seconds_only on a timestamp", rule.secondsOnly, isTimestamp(field)],
    ["script_variables on a map", rule.scriptVariables, isTextMap],
    ["invalid in a path or query", rule.invalid !== "", inPath || inQuery],
    ["variant_by an enum", rule.variantBy !== "", hasVariants(field)],
    ["hidden alone", rule.hidden, alone],
    ["null_as_empty on a map", rule.nullAsEmpty, isTextMap],
    ["inline on a message", rule.inline, field.fieldKind === "message" && alone],
  ];
}

/** Whether an option of a rule says something: keys that begin with "$" are the message's own. */
const isSet = (name: string, value: unknown) =>
  !name.startsWith("$") && (Array.isArray(value) ? value.length > 0 : Boolean(value));

const isTimestamp = (field: DescField) => field.message === TimestampSchema;

const isOneof = (message: DescMessage) => message.fields.every((field) => field.oneof);

/** Whether each value of the enum beside `field` has its member in the field's one `oneof`. */
function hasVariants(field: DescField): boolean {
  const { parent, message } = field;
  const by = parent.fields.find(({ name }) => name === fieldRuleOf(field).variantBy);
  if (message === undefined || !isOneof(message) || by?.enum === undefined) return false;
  const names = by.enum.values.slice(1).map((value) => value.localName.toLowerCase());
  return names.join() === message.fields.map(({ name }) => name).join();
}

/** Whether `path` leads from `message` to a scalar. */
function isScalar(message: DescMessage, [name, ...rest]: string[]): boolean {
  const field = message.fields.find((candidate) => candidate.name === name);
  if (rest.length > 0) return field?.message !== undefined && isScalar(field.message, rest);
  return field?.fieldKind === "scalar";
}

/** The keys of a message in REST: one list for each form that an inline `oneof` gives it. */
function formsOf(message: DescMessage): string[][] {
  const shown = message.fields.filter((field) => !fieldRuleOf(field).hidden);
  const keys = shown
    .filter((field) => !fieldRuleOf(field).inline)
    .flatMap((field) => [field.jsonName, fieldRuleOf(field).twin])
    .filter((key) => key !== "");
  const inline = shown.find((field) => fieldRuleOf(field).inline)?.message;
  if (inline === undefined) return [keys];
  const variants = isOneof(inline) ? inline.fields.map((field) => field.message) : [inline];
  return variants
    .flatMap((variant) => (variant ? formsOf(variant) : []))
    .map((more) => [...keys, ...more]);
}

/** The service's part of the house: "auth" for florin.auth.v1. */
function roomOf(rpc: DescMethod) {
  return rpc.parent.typeName.split(".")[1];
}

function variablesOf(path: string) {
  return [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "");
}

function repeated(texts: string[]) {
  return texts.filter((text, index) => texts.indexOf(text) !== index);
}
