import { randomUUID } from "node:crypto";
import type { Db } from "../db/database.js";
import { inTransaction } from "../db/transaction.js";
import { fail, ok, type Result } from "../lib/result.js";
import type { AnyConnector, Descriptor } from "./connectors/connector.js";
import { type ConfigValues, completeConfig, type InvalidConfig } from "./domain/config.js";
import type { AlreadyInstalled, ConnectorMissing } from "./fault.js";
import type { Payments } from "./payments.js";
import { insertConnector } from "./store/connectors.js";
import { type Scheduled, scheduleTasks } from "./store/tasks.js";

/** Installs the connector of that provider and schedules its first tasks. The provider is not asked. */
export async function installConnector(
  payments: Payments,
  provider: string,
  given: ConfigValues,
): Promise<Result<null, InvalidConfig | AlreadyInstalled | ConnectorMissing>> {
  const connector = payments.connectors.get(provider);
  if (connector === undefined) return fail({ kind: "connector-missing", provider });
  const values = completeConfig(connector.fields, given);
  if (!values.ok) return values;
  const config = connector.parse(values.value, payments.settingsOf(provider));
  if (!config.ok) return fail({ kind: "invalid-config", problem: config.failure });
  const isNew = await inTransaction(payments.db, (trx) =>
    install(trx, payments, { connector, values: values.value, config: config.value }),
  );
  if (!isNew) return fail({ kind: "already-installed", provider });
  payments.runtime.wake();
  return ok(null);
}

/** What is installed, or to be. */
export interface Installation {
  readonly connector: AnyConnector;
  readonly values: ConfigValues;
  /** What the connector makes of `values`. */
  readonly config: unknown;
}

/** False, and nothing has changed, if one of its kind is installed already. */
export async function install(
  trx: Db,
  { clock, seal }: Payments,
  { connector, values, config }: Installation,
): Promise<boolean> {
  const { provider } = connector;
  const [id, now] = [randomUUID(), clock()];
  if (!(await insertConnector(trx, { id, provider, sealed: seal(id, values) }, now))) return false;
  const tasks = connector.first(config).map((task: Descriptor): Scheduled => {
    const { restsFirst, every } = connector.taskOf(task);
    return { descriptor: JSON.stringify(task), inMs: restsFirst ? (every(config) ?? 0) : 0 };
  });
  await scheduleTasks(trx, id, tasks, now);
  return true;
}
