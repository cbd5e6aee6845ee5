import { fail, ok, type Result } from "../lib/result.js";
import { type ConfigValues, maskConfig } from "./domain/config.js";
import type { ConnectorMissing, NotInstalled } from "./fault.js";
import type { Payments } from "./payments.js";
import { findConnector } from "./store/connectors.js";

/** The configuration of the connector of that kind, its secrets masked unless the operator shows them. */
export async function readConnectorConfig(
  { db, connectors, unseal, showsSecrets }: Payments,
  provider: string,
): Promise<Result<ConfigValues, NotInstalled | ConnectorMissing>> {
  const installed = await findConnector(db, provider);
  if (installed === null) return fail({ kind: "not-installed", provider });
  const connector = connectors.get(provider);
  if (connector === undefined) return fail({ kind: "connector-missing", provider });
  const values = unseal(connector, installed);
  return ok(showsSecrets ? values : maskConfig(connector.fields, values));
}
