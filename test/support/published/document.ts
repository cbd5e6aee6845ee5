import { existsSync, readFileSync } from "node:fs";

/** The document lies beside the repository where Florin is developed. Elsewhere what needs it is skipped. */
const PATH = "../shared/contract/openapi-v1.0.20230710.json";

export const hasDocument = existsSync(PATH);

/** What the document uses of OpenAPI's schemas, for answers of Auth and the ledger. */
export interface Schema {
  $ref?: string;
  allOf?: Schema[];
  type?: "object" | "array" | "string" | "integer" | "boolean";
  nullable?: boolean;
  format?: string;
  enum?: string[];
  minimum?: number;
  maximum?: number;
  required?: string[];
  properties?: Record<string, Schema>;
  additionalProperties?: Schema;
  items?: Schema;
  example?: unknown;
}

export interface DocumentedAnswer {
  readonly headers?: Readonly<Record<string, { readonly schema: Schema }>>;
  readonly content?: { readonly "application/json"?: { readonly schema: Schema } };
}

export interface Operation {
  /** In upper case. */
  readonly verb: string;
  /** E.g. "/api/ledger/{ledger}/stats". */
  readonly path: string;
  /** By status, or "default" for every refusal. */
  readonly responses: Record<string, DocumentedAnswer>;
}

/** What the document says of nearly every refusal. */
export const REFUSAL: DocumentedAnswer = {
  content: { "application/json": { schema: { $ref: "#/components/schemas/ErrorResponse" } } },
};

export type Schemas = Readonly<Record<string, Schema>>;

interface Document {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, Omit<Operation, "verb" | "path">>>>
  >;
  readonly components: { readonly schemas: Schemas };
}

/** The parts of the document that say what Auth, the ledger and the stack answer. */
export function readDocument(): { operations: Operation[]; schemas: Schemas } {
  const { paths, components }: Document = JSON.parse(readFileSync(PATH, "utf8"));
  const operations = Object.entries(paths)
    .filter(([path]) => /^\/api\/(auth|ledger)\/|^\/versions$/.test(path))
    .flatMap(([path, verbs]) =>
      Object.entries(verbs).map(([verb, { responses }]) => ({
        verb: verb.toUpperCase(),
        path,
        responses,
      })),
    );
  return { operations, schemas: components.schemas };
}
