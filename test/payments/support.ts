import { randomUUID } from "node:crypto";
import type { Db } from "../../src/db/database.js";
import type { Descriptor, Page } from "../../src/payments/connectors/connector.js";
import type { Told } from "../../src/payments/domain/payment.js";
import { commitPage } from "../../src/payments/ingest/commitPage.js";
import type { Lease } from "../../src/payments/store/leases.js";
import { expectDerivable } from "./derivable.js";

/** 2023-07-10T12:00:00Z. */
export const NOW = 1_688_990_400_000_000n;
export const SECOND = 1_000_000n;

/** A payment of 100 cents that came in, but for `changes`. */
export const told = (reference: string, changes: Partial<Told> = {}): Told => ({
  ...{ reference, type: "PAY-IN", status: "PENDING", scheme: "visa", asset: "EUR/2" },
  ...{ amount: 100n, raw: null },
  ...changes,
});

/** The lease of a task of a connector that is installed in `db` for this purpose. */
export async function leaseOf(db: Db, provider = "TEST"): Promise<Lease> {
  const [connector, task] = [randomUUID(), randomUUID()];
  const date = "2023-07-10T12:00:00Z";
  await db("connectors").insert({
    id: connector,
    provider,
    sealed: Buffer.alloc(0),
    created_at: date,
  });
  await db("connector_tasks").insert({
    ...{ id: task, connector, descriptor: '{"name":"test"}', status: "ACTIVE", fence: 1 },
    ...{ created_at: date, updated_at: date, due_at: date },
  });
  return { task, connector, provider, fence: 1n };
}

/** Commits `page` at `now`; whatever it brings, payments then stand as their adjustments say. */
export async function commit(db: Db, lease: Lease, page: Page<Descriptor>, now = NOW) {
  const committed = await commitPage({ db, hasSinks: true }, lease, page, now);
  await expectDerivable(db);
  return committed;
}

/** The events that wait in the outbox, in order: "<number> <type> <what the payload is about>". */
export async function outboxOf(db: Db): Promise<string[]> {
  const rows: { id: bigint; events: string }[] = await db("outbox")
    .where({ ledger: 0 })
    .orderBy("id");
  return rows.flatMap(({ id, events }) =>
    (JSON.parse(events) as [string, string][]).map(([type, payload], index) => {
      const { reference, status, amount, connector, ...rest } = JSON.parse(payload);
      const about =
        connector ??
        (reference
          ? `${reference} ${status} ${amount}`
          : Object.values(rest)
              .map((it) => Object(it).reference)
              .join());
      return `${id + BigInt(index)} ${type} ${about}`;
    }),
  );
}
