import {
  create,
  type DescField,
  type DescMessage,
  type MessageInitShape,
} from "@bufbuild/protobuf";
import type { Duration } from "@bufbuild/protobuf/wkt";
import {
  type ConnectorConfig,
  ConnectorConfigSchema,
  type InstalledConfigSchema,
} from "../../gen/florin/payments/v1/connector_config_pb.js";
import { ConfigDataType, type Connector } from "../../gen/florin/payments/v1/connector_pb.js";
import { fail, ok, type Result } from "../lib/result.js";
import { fromConnector } from "./convert.js";
import type { ConfigField, ConfigValue, ConfigValues } from "./domain/config.js";
import type { RequestFault } from "./fault.js";

const NANOS = 1_000_000_000n;
const MAX_INT64 = 2n ** 63n - 1n;

/** The member of ConnectorConfig that is of a kind of connector: "DUMMY-PAY" has dummy_pay. */
function memberOf(provider: string): DescField & { readonly message: DescMessage } {
  const name = provider.toLowerCase().replaceAll("-", "_");
  const field = ConnectorConfigSchema.fields.find((it) => it.name === name);
  if (field?.message === undefined) throw new Error(`no configuration is of ${provider}`);
  return field as DescField & { message: DescMessage };
}

/** The values of a configuration for a connector of that kind. None at all is an empty one. */
export function toConfigValues(
  provider: string,
  sent: ConnectorConfig | undefined,
): Result<ConfigValues, RequestFault> {
  const { localName, message } = memberOf(provider);
  const config = sent?.config;
  if (config?.case === undefined) return ok({});
  if (config.case !== localName) return fail({ kind: "config-of-another", connector: provider });
  const values: Record<string, ConfigValue> = {};
  for (const field of message.fields) {
    const value = (config.value as unknown as Record<string, unknown>)[field.localName];
    if (value === undefined) continue;
    const converted = toValue(value as string | number | Duration);
    if (converted === null) return fail({ kind: "duration-out-of-range", field: field.jsonName });
    values[field.jsonName] = converted;
  }
  return ok(values);
}

function toValue(value: string | number | Duration): ConfigValue | null {
  if (typeof value === "string") return value;
  if (typeof value === "number") return BigInt(value);
  const nanoseconds = value.seconds * NANOS + BigInt(value.nanos);
  return nanoseconds > MAX_INT64 || nanoseconds < -MAX_INT64 ? null : nanoseconds;
}

/** A configuration as it is answered. */
export function fromConfig(
  provider: string,
  values: ConfigValues,
): MessageInitShape<typeof InstalledConfigSchema> {
  const { localName, message } = memberOf(provider);
  const fields = message.fields.flatMap((field) => {
    const value = values[field.jsonName];
    return value === undefined ? [] : [[field.localName, fromValue(field, value)]];
  });
  const config = { case: localName, value: create(message, Object.fromEntries(fields)) };
  return {
    provider: kindOf(provider),
    name: provider,
    config: { config: config as ConnectorConfig["config"] },
  };
}

function fromValue(field: DescField, value: ConfigValue) {
  if (typeof value === "string") return value;
  if (field.fieldKind === "scalar") return Number(value);
  return { seconds: value / NANOS, nanos: Number(value % NANOS) };
}

/** How REST clients tell configurations apart: "Dummypay". */
const kindOf = (provider: string): string =>
  provider.charAt(0) + provider.slice(1).toLowerCase().replaceAll("-", "");

export const fromField = ({ kind, isRequired }: ConfigField) => ({
  dataType: DATA_TYPES[kind],
  required: isRequired,
});

const DATA_TYPES: Readonly<Record<ConfigField["kind"], ConfigDataType>> = {
  string: ConfigDataType.STRING,
  "long string": ConfigDataType.LONG_STRING,
  "duration ns": ConfigDataType.DURATION,
  "unsigned integer": ConfigDataType.UNSIGNED_INTEGER,
};

/** A connector that is installed. */
export const fromInstalled = ({
  id,
  provider,
}: {
  readonly id: string;
  readonly provider: string;
}) => ({
  provider: fromConnector(provider) as Connector,
  enabled: true,
  disabled: false,
  connectorId: id,
  name: provider,
});
