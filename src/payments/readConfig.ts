import { fail, ok, type Result } from "../lib/result.js";
import { type ConfigValues, maskConfig } from "./domain/config.js";
import type { ConfigUnreadable, ConnectorMissing, NotInstalled } from "./fault.js";
import { unsealConnector } from "./openConnector.js";
import type { Payments } from "./payments.js";
import { findConnector } from "./store/connectors.js";

/** The configuration of the connector of that kind, its secrets masked unless the operator shows them. */
export async function readConnectorConfig(
  payments: Payments,
  provider: string,
): Promise<Result<ConfigValues, NotInstalled | ConnectorMissing | ConfigUnreadable>> {
  const installed = await findConnector(payments.db, provider);
  if (installed === null) return fail({ kind: "not-installed", provider });
  const unsealed = unsealConnector(payments, installed);
  if (!unsealed.ok) return unsealed;
  const { connector, values } = unsealed.value;
  return ok(payments.showsSecrets ? values : maskConfig(connector.fields, values));
}
