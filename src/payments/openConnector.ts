import { fail, ok, type Result } from "../lib/result.js";
import type { InvalidConfig } from "./domain/config.js";
import type { ConfigUnreadable, ConnectorMissing } from "./fault.js";
import type { Installation } from "./installConnector.js";
import type { Payments } from "./payments.js";
import type { ConnectorRow } from "./store/connectors.js";

type Opener = Pick<Payments, "connectors" | "unseal" | "settingsOf">;

/** An installation as its tasks need it; else why it cannot run. */
export function openConnector(
  payments: Opener,
  row: ConnectorRow,
): Result<Installation, ConnectorMissing | ConfigUnreadable | InvalidConfig> {
  const unsealed = unsealConnector(payments, row);
  if (!unsealed.ok) return unsealed;
  const { connector, values } = unsealed.value;
  const config = connector.parse(values, payments.settingsOf(row.provider));
  if (!config.ok) return fail({ kind: "invalid-config", problem: config.failure });
  return ok({ connector, values, config: config.value });
}

/** An installation's configuration, whether or not it is allowed still. */
export function unsealConnector(
  { connectors, unseal }: Omit<Opener, "settingsOf">,
  row: ConnectorRow,
): Result<Omit<Installation, "config">, ConnectorMissing | ConfigUnreadable> {
  const { provider } = row;
  const connector = connectors.get(provider);
  if (connector === undefined) return fail({ kind: "connector-missing", provider });
  const values = unseal(connector, row);
  if (values === null) return fail({ kind: "config-unreadable", provider });
  return ok({ connector, values });
}

/** What people are told of it. */
export function explain(failure: ConnectorMissing | ConfigUnreadable | InvalidConfig): string {
  switch (failure.kind) {
    case "connector-missing":
      return `this version of Florin has no connector for ${failure.provider}`;
    case "config-unreadable":
      return `the configuration of ${failure.provider} was encrypted with another ENCRYPTION_KEY`;
    case "invalid-config":
      return failure.problem;
  }
}
