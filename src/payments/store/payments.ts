import type { Db } from "../../db/database.js";
import type { Position } from "../../lib/page.js";
import type { Step } from "../domain/listing.js";
import type { Account, Payment } from "../domain/payment.js";
import { readAdjustments } from "./adjustments.js";
import { type Listed, readList } from "./readList.js";

const COLUMNS = {
  ...{ id: "id", connector: "connector", provider: "provider", reference: "reference" },
  ...{ type: "type", status: "status", scheme: "scheme", asset: "asset", amount: "amount" },
  ...{ initialAmount: "initial_amount", account: "account", source: "source_account" },
  ...{ destination: "destination_account", createdAt: "created_at", raw: "raw" },
  ...{ metadata: "metadata", event: "event", changedAt: "changed_at" },
};

type Row = Omit<Payment, "adjustments">;

export async function readPayments(
  db: Db,
  steps: readonly Step[],
  position: Position | null,
  limit: number,
): Promise<Listed<Row>[]> {
  return readList(db, { table: "payments", columns: COLUMNS }, steps, position, limit);
}

export async function findPayment(db: Db, id: string): Promise<Payment | null> {
  const row: Row | undefined = await db("payments").select(COLUMNS).where({ id }).first();
  const [payment = null] = row === undefined ? [] : await withAdjustments(db, [row]);
  return payment;
}

/** Up to `limit` payments whose last event is `from` or later, and before `end`, in that order. */
export const readPaymentsBetween = async (
  db: Db,
  from: bigint,
  end: bigint,
  limit: number,
): Promise<Payment[]> =>
  withAdjustments(
    db,
    await db("payments")
      .select(COLUMNS)
      .where("event", ">=", String(from))
      .where("event", "<", String(end))
      .orderBy("event")
      .limit(limit),
  );

export async function withAdjustments<R extends Row>(
  db: Db,
  rows: readonly R[],
): Promise<(R & Payment)[]> {
  const adjustments =
    rows.length === 0
      ? new Map()
      : await readAdjustments(
          db,
          rows.map(({ id }) => id),
        );
  return rows.map((row) => ({ ...row, adjustments: adjustments.get(row.id) ?? [] }));
}

export const readAccounts = (
  db: Db,
  steps: readonly Step[],
  position: Position | null,
  limit: number,
): Promise<Listed<Account>[]> =>
  readList(
    db,
    {
      table: "payment_accounts",
      columns: {
        ...{ id: "id", provider: "provider", reference: "reference", type: "type" },
        createdAt: "created_at",
      },
    },
    steps,
    position,
    limit,
  );
