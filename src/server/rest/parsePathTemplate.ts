import type { DescField, DescMethod } from "@bufbuild/protobuf";

/** A path of google.api.http, as the router and the binding want it. */
export interface PathTemplate {
  /** For find-my-way: "/api/ledger/:ledger/stats". Variables are named after their fields. */
  readonly pattern: string;
  readonly variables: readonly DescField[];
}

const VARIABLE = /^\{(\w+)(?:=\*)?\}$/;
const LITERAL = /^[\w.~-]*$/;

/** Reads a template whose variables are whole segments and top-level fields of the request. */
export function parsePathTemplate(method: DescMethod, template: string): PathTemplate {
  const variables: DescField[] = [];
  const segments = template.split("/").map((segment) => {
    const [, name] = VARIABLE.exec(segment) ?? [];
    if (name === undefined) {
      if (!LITERAL.test(segment)) throw new Error(`${method}: cannot route "${segment}"`);
      return segment;
    }
    const field = method.input.fields.find(
      (field) => field.name === name || field.jsonName === name,
    );
    if (field === undefined) throw new Error(`${method} has no field for {${name}} in its path`);
    variables.push(field);
    return `:${field.name}`;
  });
  return { pattern: segments.join("/"), variables };
}
