/** One call of an operation as it was made, and what came of it. */
export interface Example {
  /** By name, wherever they stand. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly answer?: unknown;
  /** Beginning of a stream of events. */
  readonly events?: string;
}
