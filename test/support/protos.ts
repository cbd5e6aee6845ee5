import { readdirSync } from "node:fs";
import { type DescField, type DescFile, type DescMethod, getOption } from "@bufbuild/protobuf";
import { field as fieldRule, method as methodRule } from "../../gen/florin/rest/v1/options_pb.js";
import { http as httpRule } from "../../gen/google/api/annotations_pb.js";

/** Every generated file of Florin's own, so that a new one cannot be forgotten. */
export async function protoFiles(): Promise<DescFile[]> {
  const root = new URL("../../gen/florin/", import.meta.url);
  const names = readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith("_pb.js"))
    .sort();
  const modules = await Promise.all(names.map((name) => import(new URL(name, root).href)));
  return modules
    .flatMap((module) => Object.values(module) as { kind?: string }[])
    .filter((value): value is DescFile => value.kind === "file");
}

export const nameOf = (rpc: DescMethod) => `${rpc.parent.typeName}.${rpc.name}`;
export const methodRuleOf = (rpc: DescMethod) => getOption(rpc, methodRule);
export const fieldRuleOf = (field: DescField) => getOption(field, fieldRule);

/** How REST calls an RPC; null if it has no REST form. */
export function routeOf(rpc: DescMethod): { verb: string; path: string; body: string } | null {
  const { pattern, body } = getOption(rpc, httpRule);
  if (pattern.case === undefined) return null;
  return pattern.case === "custom"
    ? { verb: pattern.value.kind, path: pattern.value.path, body }
    : { verb: pattern.case.toUpperCase(), path: pattern.value, body };
}
