import type { Call, Expression, VariableDeclaration } from "./ast.js";
import { type Context, requireFeature } from "./context.js";
import { argumentsOf, call, evaluate } from "./evaluate.js";
import { readStored } from "./metadata.js";
import { isType, parseValue } from "./parseValue.js";
import { refuse, Stop } from "./refusal.js";
import type { Type, Value } from "./value.js";

/** Gives every variable its value: first what the caller gives is read, then what the ledger knows. */
export function bindVariables(
  context: Context,
  declarations: readonly VariableDeclaration[],
): void {
  const given = new Map<string, Value>();
  for (const declaration of declarations) {
    if (declaration.origin === null) given.set(declaration.name, readGiven(context, declaration));
  }
  if (context.input.isStrict) refuseExtraneous(context, given);
  for (const { name, type, typeSpan, origin } of declarations) {
    if (!isType(type)) refuse({ kind: "invalid-type", name: type, span: typeSpan });
    context.variables.set(name, origin === null ? given.get(name) : known(context, origin, type));
  }
}

function readGiven({ input }: Context, { name, type, typeSpan, span }: VariableDeclaration): Value {
  const text = input.variables.get(name);
  if (text === undefined) return refuse({ kind: "missing-variable", name, span });
  if (!isType(type)) return refuse({ kind: "invalid-type", name: type, span: typeSpan });
  const origin = { kind: "variable", name, type } as const;
  const read = parseValue(type, text);
  if (!read.ok) return refuse({ ...read.failure, text, origin, span });
  if (input.isStrict && read.value.type === "monetary" && read.value.amount < 0n) {
    const kind = "invalid-monetary-literal";
    return refuse({ kind, text, reason: "negative amount", origin, span });
  }
  return read.value;
}

function refuseExtraneous({ input }: Context, given: ReadonlyMap<string, Value>): void {
  for (const name of input.variables.keys()) {
    if (!given.has(name)) refuse({ kind: "extraneous-variable", name, span: null });
  }
}

/** The value of a variable's origin; undefined if it hangs on what is not loaded. */
function known(context: Context, origin: Expression, type: Type): Value | undefined {
  try {
    const value = originValue(context, origin, type);
    if (value.type === type) return value;
    return refuse({ kind: "type-error", expected: type, found: value, span: origin.span });
  } catch (error) {
    if (error instanceof Stop && error.refusal === null) return undefined;
    throw error;
  }
}

function originValue(context: Context, origin: Expression, type: Type): Value {
  if (origin.kind === "call") {
    return origin.name === "meta" ? metadataValue(context, origin, type) : call(context, origin);
  }
  requireFeature(context, "experimental-mid-script-function-call", origin.span);
  return evaluate(context, origin);
}

function metadataValue(context: Context, meta: Call, type: Type): Value {
  const { span } = meta;
  const [{ account }, { string: key }] = argumentsOf(context, meta, ["account", "string"]);
  const metadata = context.input.store.metadata(account);
  if (metadata === undefined) {
    context.lacking.metadata.add(account);
    throw new Stop(null);
  }
  if (!Object.hasOwn(metadata, key)) {
    return refuse({ kind: "metadata-not-found", account, key, span });
  }
  const stored = metadata[key];
  const read = readStored(stored, type);
  if (read.ok) return read.value;
  const text = typeof stored === "string" ? stored : JSON.stringify(stored);
  return refuse({ ...read.failure, text, origin: { kind: "metadata", account, key }, span });
}
