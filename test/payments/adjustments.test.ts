import fc from "fast-check";
import { expect, test } from "vitest";
import { PAYMENT_STATUSES } from "../../src/payments/domain/payment.js";
import { testDb } from "../support/database.js";
import { commit, leaseOf, NOW, outboxOf, SECOND, told } from "./support.js";

const at = fc.integer({ min: 0, max: 20 }).map((seconds) => NOW + BigInt(seconds) * SECOND);
const status = fc.constantFrom(...PAYMENT_STATUSES);

/** What a provider tells: the payment itself, as it stands there, or a change of it, late or early. */
const news = fc.oneof(
  fc.record({ kind: fc.constant("told" as const), status, amount: fc.bigInt(0n, 9n) }),
  fc.record({
    kind: fc.constant("adjustment" as const),
    reference: fc.constantFrom("a", "b", "c", "d"),
    absolute: fc.boolean(),
    ...{ date: at, status, amount: fc.bigInt(0n, 9n) },
  }),
);

test("whatever comes in whatever order, a payment stands as its adjustments say, and was told so", async () => {
  const db = await testDb();
  const lease = await leaseOf(db);
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(news, { maxLength: 3 }), { maxLength: 6 }),
      async (pages) => {
        const reference = `payment ${run++}`;
        const payment = { reference, type: "PAY-IN" as const };
        for (const [index, page] of pages.entries()) {
          const payments = page.flatMap((it) =>
            it.kind === "told" ? [told(reference, { status: it.status, amount: it.amount })] : [],
          );
          const adjustments = page.flatMap((it) =>
            it.kind === "told"
              ? []
              : [
                  {
                    ...{ payment, reference: it.reference, date: it.date, status: it.status },
                    ...{ amount: it.absolute ? it.amount : it.amount - 6n, absolute: it.absolute },
                    raw: null,
                  },
                ],
          );
          // `commit` sees to it that payments stand as their adjustments say.
          await commit(db, lease, { payments, adjustments }, NOW + BigInt(index * 3) * SECOND);
        }
        const [stored] = await db("payments").where({ reference });
        const events = (await outboxOf(db)).filter((it) => it.includes(`${reference} `));
        if (stored === undefined) expect(events).toEqual([]);
        else
          expect(events.at(-1)).toBe(
            `${stored.event} SAVED_PAYMENT ${reference} ${stored.status} ${stored.amount}`,
          );
      },
    ),
    // Shrinking would meet the payments of the runs before.
    { numRuns: 25, endOnFailure: true },
  );
});

test("what was told last counts, also against changes that are dated later by another clock", async () => {
  const db = await testDb();
  const lease = await leaseOf(db);
  await commit(db, lease, { payments: [told("a")] });
  const payment = { reference: "a", type: "PAY-IN" } as const;
  const early = {
    ...{ payment, reference: "early", date: NOW + 90n * SECOND, status: "FAILED" as const },
    ...{ amount: 0n, absolute: true, raw: null },
  };
  await commit(db, lease, { adjustments: [early] }, NOW + SECOND);
  await commit(db, lease, { payments: [told("a", { status: "SUCCEEDED" })] }, NOW + 2n * SECOND);
  expect(await db("payments").first()).toMatchObject({ status: "SUCCEEDED", amount: 100n });
  const rows = await db("payment_adjustments").orderBy("date");
  expect(rows.map(({ status }) => status)).toEqual(["FAILED", "SUCCEEDED"]);
});
