import { readFileSync } from "node:fs";

/** JSON Schema, as far as our document and the published one use it. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly nullable?: boolean;
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

export interface Content {
  readonly [type: string]: { readonly schema: Schema; readonly example?: unknown };
}

export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly deprecated?: boolean;
  readonly description?: string;
  readonly schema: Schema;
  readonly example?: unknown;
}

export interface Answer {
  readonly description?: string;
  readonly headers?: Readonly<Record<string, { readonly schema: Schema }>>;
  readonly content?: Content;
}

export interface Operation {
  readonly operationId: string;
  readonly summary?: string;
  readonly description?: string;
  readonly deprecated?: boolean;
  readonly tags?: readonly string[];
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, Answer>>;
}

export interface Document {
  readonly info: { readonly version: string };
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** What `npm run generate` has written. */
export const ours: Document = JSON.parse(readFileSync("gen/openapi.json", "utf8"));

/** `part`, or what it refers to in `document`. */
export function resolve<T>(part: T, document: unknown): T {
  const { $ref } = part as { $ref?: string };
  if ($ref === undefined) return part;
  const keys = $ref.split("/").slice(1);
  const found = keys.reduce(
    (node, key) => (node as Record<string, unknown> | undefined)?.[key],
    document,
  );
  if (found === undefined) throw new Error(`nothing at ${$ref}`);
  return resolve(found as T, document);
}

export interface Call {
  /** "GET". */
  readonly verb: string;
  readonly path: string;
  readonly operation: Operation;
}

export const callsOf = ({ paths }: Pick<Document, "paths">): Call[] =>
  Object.entries(paths).flatMap(([path, verbs]) =>
    Object.entries(verbs).map(([verb, operation]) => ({
      verb: verb.toUpperCase(),
      path,
      operation,
    })),
  );

/** The operation that answers `path`, which may have variables itself; of several, the one with the fewest. */
export function findCall(verb: string, path: string, calls: readonly Call[]): Call | undefined {
  return calls
    .filter((call) => call.verb === verb && fits(call.path, path))
    .sort((a, b) => a.path.split("{").length - b.path.split("{").length)[0];
}

function fits(template: string, path: string): boolean {
  const [expected, given] = [template.split("/"), path.split("/")];
  return (
    expected.length === given.length &&
    expected.every((segment, at) => segment === given[at] || segment.startsWith("{"))
  );
}
