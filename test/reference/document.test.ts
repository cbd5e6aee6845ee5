import { Validator } from "@seriousme/openapi-schema-validator";
import { expect, test } from "vitest";
import { methodRuleOf, protoFiles, routeOf } from "../support/protos.js";
import { callsOf, ours, resolve } from "./document.js";

const calls = callsOf(ours);
const files = await protoFiles();
const rpcs = files.flatMap(({ services }) => services.flatMap(({ methods }) => methods));

test("the document is OpenAPI 3.1", async () => {
  const { valid, errors } = await new Validator().validate(JSON.parse(JSON.stringify(ours)));
  expect(errors).toBeUndefined();
  expect(valid).toBe(true);
});

test("every RPC with a REST form is an operation, with its scope", () => {
  for (const rpc of rpcs.filter((rpc) => routeOf(rpc) !== null)) {
    const { verb, path } = routeOf(rpc) ?? expect.unreachable();
    const shape = (text: string) => text.replaceAll(/\{\w+\}/g, "{}");
    const call = calls.find((it) => it.verb === verb && shape(it.path) === shape(path));
    const { open, scope } = methodRuleOf(rpc);
    const expected = open ? [] : [{ Authorization: [scope] }, { OpenID: [scope] }];
    expect(call?.operation.security, `${verb} ${path}`).toEqual(expected);
  }
});

test("each operation has an id of its own, a group, a summary and a description", () => {
  const ids = calls.map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(calls.length);
  const groups = ours.tags.map(({ name }) => name);
  for (const { verb, path, operation } of calls) {
    const name = `${verb} ${path}`;
    expect(groups, name).toContain(operation.tags?.[0]);
    expect(operation.summary?.length, name).toBeGreaterThan(5);
    expect(operation.description?.length, name).toBeGreaterThan(5);
  }
  expect(
    groups.filter((name) => !calls.some(({ operation }) => operation.tags?.[0] === name)),
  ).toEqual([]);
});

test("every parameter, property and answer is described, and every reference leads somewhere", () => {
  const bare: string[] = [];
  const visit = (node: unknown, place: string) => {
    if (typeof node !== "object" || node === null || place.endsWith("/example")) return;
    if ("$ref" in node) resolve(node, ours);
    const isNamed = /\/(parameters\/\d+|responses\/\w+|properties\/\w+|schemas\/\w+)$/.test(place);
    const about = node as { description?: string };
    if (isNamed && !/\/(oauth|OAuth|anyOf)/.test(place) && !about.description) bare.push(place);
    for (const [key, value] of Object.entries(node)) visit(value, `${place}/${key}`);
  };
  visit(ours, "");
  expect(bare).toEqual([]);
});
