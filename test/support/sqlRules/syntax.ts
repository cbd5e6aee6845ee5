import { hasSqlDetails, loadModule, type Node, parseSync } from "libpg-query";

await loadModule();

/** PostgreSQL's own syntax tree of each statement in `sql`; none if that is no SQL, as a test may send on purpose. */
export function parse(sql: string): Node[] {
  try {
    return (parseSync(sql).stmts ?? []).flatMap(({ stmt }) => stmt ?? []);
  } catch (error) {
    if (hasSqlDetails(error)) return [];
    throw error;
  }
}

/** A node by its kind: the tree names kinds in capitals, and the parts of a node in small letters. */
type Kind = Node extends infer N ? (N extends unknown ? keyof N : never) : never;
type NodeOf<K extends Kind> = Extract<Node, Record<K, unknown>>[K];

/** Every node of `kind` in `tree`, at any depth. */
export function* all<K extends Kind>(tree: unknown, kind: K): Generator<NodeOf<K>> {
  if (typeof tree !== "object" || tree === null) return;
  for (const [key, value] of Object.entries(tree)) {
    if (key === kind) yield value as NodeOf<K>;
    yield* all(value, kind);
  }
}

/** `node` as one of `kind`, or undefined. */
export const as = <K extends Kind>(node: Node | undefined, kind: K): NodeOf<K> | undefined =>
  (node as Partial<Record<K, NodeOf<K>>> | undefined)?.[kind];

/** The names in a list: of columns, of a function, of an operator. */
export const names = (list: readonly Node[] | undefined): string[] =>
  (list ?? []).flatMap((node) => as(node, "String")?.sval ?? []);
