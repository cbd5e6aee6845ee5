import { inTransaction } from "../db/transaction.js";
import { fail, ok, type Result } from "../lib/result.js";
import type { InvalidConfig } from "./domain/config.js";
import { connectorReset } from "./domain/saved.js";
import type { ConfigUnreadable, ConnectorMissing, NotInstalled } from "./fault.js";
import { type Installation, install } from "./installConnector.js";
import { openConnector } from "./openConnector.js";
import type { Payments } from "./payments.js";
import {
  type ConnectorRow,
  deleteConnector,
  findConnector,
  lockConnector,
} from "./store/connectors.js";
import { saveOutbox } from "./store/events.js";

/** Stops a connector and deletes it with all that it has brought. One that cannot run any more has nothing to tidy up. */
export async function uninstallConnector(
  payments: Payments,
  provider: string,
): Promise<Result<null, NotInstalled>> {
  const found = await findConnector(payments.db, provider);
  if (found === null) return fail({ kind: "not-installed", provider });
  return remove(payments, found, null);
}

/** As `uninstallConnector`, and installs it again as it was, at once; not if it could not run then. */
export async function resetConnector(
  payments: Payments,
  provider: string,
): Promise<Result<null, NotInstalled | ConnectorMissing | ConfigUnreadable | InvalidConfig>> {
  const found = await findConnector(payments.db, provider);
  if (found === null) return fail({ kind: "not-installed", provider });
  const opened = openConnector(payments, found);
  return opened.ok ? remove(payments, found, opened.value) : opened;
}

/** A `successor` of null: it does not come back. */
async function remove(
  payments: Payments,
  found: ConnectorRow,
  successor: Installation | null,
): Promise<Result<null, NotInstalled>> {
  const { db, clock, runtime, hasSinks } = payments;
  const { provider } = found;
  const opened = openConnector(payments, found);

  /** What it cannot tidy up is in nobody's way. */
  async function tidyUp(): Promise<void> {
    if (!opened.ok) return;
    const { connector, config } = opened.value;
    try {
      await connector.remove?.(config);
    } catch (err) {
      payments.logger.warn({ provider, err }, "a connector could not tidy up behind it");
    }
  }

  await runtime.halt(found.id);
  await tidyUp();
  const isDone = await inTransaction(db, async (trx) => {
    const row = await lockConnector(trx, provider);
    // Somebody else has removed it, or reset it, meanwhile.
    if (row?.id !== found.id) return false;
    const now = clock();
    const event = await deleteConnector(trx, row, now);
    if (hasSinks) await saveOutbox(trx, event, [connectorReset(provider, now)], now);
    if (successor !== null) await install(trx, payments, successor);
    return true;
  });
  // Runs that began in between are in vain.
  await runtime.halt(found.id);
  // Then it was reset, as was wanted; but what has come back is not uninstalled.
  if (!isDone) return successor === null ? uninstallConnector(payments, provider) : ok(null);
  if (successor === null) await tidyUp();
  payments.committed();
  runtime.wake();
  return ok(null);
}
