import { type DescField, type DescMethod, getOption } from "@bufbuild/protobuf";
import type { HTTPMethod } from "find-my-way";
import { http } from "../../../gen/google/api/annotations_pb.js";
import type { HttpRule } from "../../../gen/google/api/http_pb.js";
import { type PathTemplate, parsePathTemplate } from "./parsePathTemplate.js";
import { fieldRule } from "./rules.js";

/** One way to reach an RPC over REST, as google.api.http states it. */
export interface HttpRoute extends PathTemplate {
  readonly verb: HTTPMethod;
  /** "" for none, "*" for `fields`, or the name of one field. */
  readonly body: string;
  /** Fields of the request that neither path, header nor a body of one field fills. */
  readonly fields: readonly DescField[];
}

export function httpRoutes(method: DescMethod): readonly HttpRoute[] {
  const rule = getOption(method, http);
  if (method.methodKind !== "unary" && method.methodKind !== "server_streaming") {
    throw new Error(`${method} takes a stream, which REST cannot send`);
  }
  return [rule, ...rule.additionalBindings].map((binding) => {
    const { body } = binding;
    const { verb, path } = target(method, binding);
    const template = parsePathTemplate(method, path);
    const fields = method.input.fields.filter((field) => {
      const { header, hidden } = fieldRule(field);
      return header === "" && !hidden && field.name !== body && !template.variables.includes(field);
    });
    return { ...template, verb, body, fields };
  });
}

function target(method: DescMethod, { pattern }: HttpRule): { verb: HTTPMethod; path: string } {
  if (pattern.case === undefined) throw new Error(`${method} has a binding without a path`);
  if (pattern.case !== "custom") {
    return { verb: pattern.case.toUpperCase() as HTTPMethod, path: pattern.value };
  }
  return { verb: pattern.value.kind as HTTPMethod, path: pattern.value.path };
}
