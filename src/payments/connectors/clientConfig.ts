import { ok, type Result } from "../../lib/result.js";
import type { ConfigField, ConfigValues } from "../domain/config.js";
import { endpointOf } from "./endpoint.js";
import { pollingPeriod, toMs } from "./pollingPeriod.js";

/** What makes us known to providers that know clients by an id and a key. */
export interface ClientConfig {
  readonly clientId: string;
  readonly apiKey: string;
  /** Without a slash at its end. */
  readonly endpoint: string;
  readonly pollingMs: number;
}

export const clientFields: readonly ConfigField[] = [
  { name: "clientID", kind: "string", isRequired: true },
  { name: "apiKey", kind: "string", isRequired: true, isSecret: true },
  { name: "endpoint", kind: "string", isRequired: true },
  pollingPeriod,
];

/** The values of `clientFields`, if the endpoint is allowed; else what is wrong with it. */
export function parseClient(
  values: ConfigValues,
  allowed: { readonly hosts: readonly string[]; readonly apiUrl: string | null },
): Result<ClientConfig, string> {
  const endpoint = endpointOf(String(values["endpoint"]), allowed);
  if (!endpoint.ok) return endpoint;
  return ok({
    ...{ clientId: String(values["clientID"]), apiKey: String(values["apiKey"]) },
    ...{ endpoint: endpoint.value, pollingMs: toMs(values["pollingPeriod"]) },
  });
}
