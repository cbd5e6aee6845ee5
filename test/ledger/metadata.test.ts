import fc from "fast-check";
import { expect, test } from "vitest";
import type { Metadata } from "../../src/ledger/domain/metadata.js";
import { request, testLedger, transaction } from "./support.js";

/** PostgreSQL stores all text but U+0000 and halves of surrogate pairs; callers' text without them comes this far. */
const text = fc.string({ unit: "grapheme" }).filter((each) => !each.includes("\0"));

const value = fc.letrec((tie) => ({
  json: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    text,
    fc.array(tie("json"), { maxLength: 3 }),
    tie("object"),
  ),
  object: fc.dictionary(fc.oneof(text, fc.constant("__proto__")), tie("json"), { maxKeys: 4 }),
}));

const metadata = value.object as fc.Arbitrary<Metadata>;

/** testLedger re-hashes every log from what the database gives back, and merges all metadata again. */
test("whatever metadata is written is hashed the same when it is read back", async () => {
  const ledger = await testLedger();
  await fc.assert(
    fc.asyncProperty(fc.array(metadata, { minLength: 1, maxLength: 5 }), async (many) => {
      const results = await Promise.all(
        many.flatMap((each) => [
          ledger.write("main", transaction("world > a 1 USD/2", { metadata: each })),
          ledger.write(
            "main",
            request({ kind: "set-metadata", target: { account: "a" }, metadata: each }),
          ),
          ledger.write(
            "main",
            request({ kind: "set-metadata", target: { txid: 0n }, metadata: each }),
          ),
        ]),
      );
      expect(results.every(({ ok }) => ok)).toBe(true);
    }),
    { numRuns: 60 },
  );
});
