import { inTransaction } from "../db/transaction.js";
import { fail, ok, type Result } from "../lib/result.js";
import { connectorReset } from "./domain/saved.js";
import type { ConnectorMissing, NotInstalled } from "./fault.js";
import { install } from "./installConnector.js";
import type { Payments } from "./payments.js";
import { deleteConnector, findConnector, lockConnector } from "./store/connectors.js";
import { saveOutbox } from "./store/events.js";

/** Stops a connector and deletes it with all that it has brought. */
export const uninstallConnector = (payments: Payments, provider: string) =>
  remove(payments, provider, false);

/** As `uninstallConnector`, and installs it again as it was, at once. */
export const resetConnector = (payments: Payments, provider: string) =>
  remove(payments, provider, true);

async function remove(
  payments: Payments,
  provider: string,
  comesBack: boolean,
): Promise<Result<null, NotInstalled | ConnectorMissing>> {
  const { db, clock, runtime, hasSinks } = payments;
  const found = await findConnector(db, provider);
  if (found === null) return fail({ kind: "not-installed", provider });
  const connector = payments.connectors.get(provider);
  if (connector === undefined) return fail({ kind: "connector-missing", provider });
  const parsed = connector.parse(payments.unseal(connector, found), payments.settingsOf(provider));
  const config = parsed.ok ? parsed.value : null;

  await runtime.halt(found.id);
  if (config !== null) await connector.remove?.(config);
  const isGone = await inTransaction(db, async (trx) => {
    const row = await lockConnector(trx, provider);
    // Somebody else has removed it, or reset it, meanwhile: that is what was wanted.
    if (row?.id !== found.id) return row !== null || comesBack;
    const now = clock();
    const event = await deleteConnector(trx, row, now);
    if (hasSinks) await saveOutbox(trx, event, [connectorReset(provider, now)], now);
    if (comesBack) {
      await install(trx, payments, connector, payments.unseal(connector, row), config);
    }
    return true;
  });
  // Runs that began in between are in vain.
  await runtime.halt(found.id);
  if (!isGone) return fail({ kind: "not-installed", provider });
  if (config !== null && !comesBack) await connector.remove?.(config);
  payments.committed();
  runtime.wake();
  return ok(null);
}
