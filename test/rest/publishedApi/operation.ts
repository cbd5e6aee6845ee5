export type Leaf =
  | "string"
  | "integer"
  | "boolean"
  /** RFC 3339. */
  | "time"
  /** Text such as "2m0s". */
  | "duration"
  /** An object of any fields. */
  | "object";

/** What a JSON value is like: a leaf, a list of one kind, texts to choose from, a map, or an object. */
export type Shape =
  | Leaf
  | readonly [Shape]
  | ReadonlySet<string>
  | { readonly each: Shape }
  | { readonly fields: Readonly<Record<string, Shape>> };

/** One operation of the published API, as a client that was written for it sees it. */
export interface Operation {
  readonly call: string;
  /** Texts of a path variable that is no free text. */
  readonly variables?: Readonly<Record<string, ReadonlySet<string>>>;
  readonly query?: Readonly<Record<string, Shape>>;
  readonly body?: Shape;
  readonly status: number;
  readonly headers?: readonly string[];
  readonly answer?: Shape;
}

export const fields = (shapes: Readonly<Record<string, Shape>>): Shape => ({ fields: shapes });
export const mapOf = (each: Shape): Shape => ({ each });
export const oneOf = (...texts: readonly string[]): ReadonlySet<string> => new Set(texts);

export const data = (shape: Shape): Shape => fields({ data: shape });

export const page = (item: Shape): Shape =>
  fields({
    cursor: fields({
      pageSize: "integer",
      hasMore: "boolean",
      previous: "string",
      next: "string",
      data: [item],
    }),
  });
