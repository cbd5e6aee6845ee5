import { fail, ok, type Result } from "../../lib/result.js";

/** A field that connectors are configured by. */
export interface ConfigField {
  /** As in REST: "apiKey". */
  readonly name: string;
  readonly kind: "string" | "long string" | "duration ns" | "unsigned integer";
  /** As the templates say it; a field with a default may still be left out. */
  readonly isRequired: boolean;
  /** Shown masked. */
  readonly isSecret?: boolean;
  /** Taken where nothing is given, "" or 0. Durations are in nanoseconds. */
  readonly fallback?: ConfigValue;
  /** What is said if it is missing, or not positive; there is a text for either. */
  readonly complaint?: string;
}

export type ConfigValue = string | bigint;

/** A configuration by the names of its fields. */
export type ConfigValues = Readonly<Record<string, ConfigValue>>;

export interface InvalidConfig {
  readonly kind: "invalid-config";
  readonly problem: string;
}

const MASK = "***";

/** Secrets shorter than this show nothing of themselves. */
const LEAST_SHOWN = 12;

/** `given`, defaults filled in; what is not one of `fields` is left out. */
export function completeConfig(
  fields: readonly ConfigField[],
  given: ConfigValues,
): Result<ConfigValues, InvalidConfig> {
  const values: Record<string, ConfigValue> = {};
  for (const field of fields) {
    const { name, kind, isRequired, isSecret, fallback } = field;
    const isText = kind === "string" || kind === "long string";
    const value = given[name] || fallback || (isText ? "" : 0n);
    const complain = (problem: string) => fail({ kind: "invalid-config", problem } as const);
    if (isSecret && String(value).startsWith(MASK)) {
      return complain(`${name} is masked: send the secret itself`);
    }
    if (isText && isRequired && value === "") {
      return complain(field.complaint ?? `missing ${name} from config`);
    }
    if (kind === "duration ns" && BigInt(value) <= 0n) {
      return complain(field.complaint ?? `${name} must be greater than 0`);
    }
    values[name] = value;
  }
  return ok(values);
}

/** `values` as callers see them: of secrets only their ends, if anything. */
export const maskConfig = (fields: readonly ConfigField[], values: ConfigValues): ConfigValues => ({
  ...values,
  ...Object.fromEntries(
    fields
      .filter(({ name, isSecret }) => isSecret && values[name])
      .map(({ name, kind }) => [name, mask(String(values[name]), kind)]),
  ),
});

const mask = (secret: string, kind: ConfigField["kind"]): string =>
  kind === "long string" || secret.length < LEAST_SHOWN ? MASK : MASK + secret.slice(-4);

/** As it is stored; numbers are text, and `readConfig` knows which are. */
export const printConfig = (values: ConfigValues): string =>
  JSON.stringify(values, (_, value) => (typeof value === "bigint" ? String(value) : value));

/** What `printConfig` wrote. A field that it did not know yet is as if not given. */
export function readConfig(fields: readonly ConfigField[], text: string): ConfigValues {
  const stored: Record<string, string> = JSON.parse(text);
  return Object.fromEntries(
    fields.map(({ name, kind, fallback }) => {
      if (kind === "string" || kind === "long string")
        return [name, stored[name] ?? fallback ?? ""];
      return [name, stored[name] === undefined ? (fallback ?? 0n) : BigInt(stored[name])];
    }),
  );
}
