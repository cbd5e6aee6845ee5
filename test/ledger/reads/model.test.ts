import fc from "fast-check";
import { expect, test } from "vitest";
import type { Posting } from "../../../src/ledger/domain/posting.js";
import { clientOf } from "../client.js";
import { NOW, testLedger, transaction } from "../support.js";
import { accounts, allKeys, transactions } from "./lists.js";

const ADDRESSES = [
  "world",
  "a",
  "a:b",
  "a:b:c",
  "a:bb",
  "b:a",
  "ab",
  "users:1",
  "users:10",
  "users:2",
];
const address = fc.constantFrom(...ADDRESSES);

const pattern = fc.oneof(
  address,
  fc.constantFrom("a:.*", "*", "*:*", "a:*", "*:a", ".*:b.*", "users:\\d", "users:1.?", "(a|b).*"),
  fc.constantFrom("[^:]+", "a(:b)?(:c)?", "a|ab|world", "..", "x.*", "w*", "", "a.b"),
);

const second = fc.nat(60);
const seconds = (time: number) => ({ seconds: NOW / 1_000_000n + BigInt(time), nanos: 0 });

/** What the filters mean, told with JavaScript's own regular expressions. */
const matches = (text: string, of: string): boolean =>
  text === "" || new RegExp(`^(?:${text.replaceAll(/(?<=^|:)\*(?=$|:)/g, "[^:]*")})$`).test(of);

interface Filter {
  readonly account: string;
  readonly source: string;
  readonly destination: string;
  readonly startTime: number | null;
  readonly endTime: number | null;
  readonly tag: string;
}

const filter: fc.Arbitrary<Filter> = fc.record({
  account: pattern,
  source: fc.oneof(fc.constant(""), pattern),
  destination: fc.oneof(fc.constant(""), pattern),
  startTime: fc.option(second, { freq: 1 }),
  endTime: fc.option(second, { freq: 1 }),
  tag: fc.constantFrom("", "x", "y"),
});

interface Made {
  readonly postings: readonly Posting[];
  readonly time: number;
  readonly tag: string;
}

const made: fc.Arbitrary<Made> = fc.record({
  postings: fc.array(
    fc.record({
      source: address,
      destination: address,
      amount: fc.constant(0n),
      asset: fc.constant("USD/2"),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  time: second,
  tag: fc.constantFrom("x", "y", "z"),
});

function lets({ account, source, destination, startTime, endTime, tag }: Filter, one: Made) {
  const sources = one.postings.map((posting) => posting.source);
  const destinations = one.postings.map((posting) => posting.destination);
  const has = (text: string, addresses: string[]) => addresses.some((each) => matches(text, each));
  return (
    has(account, [...sources, ...destinations]) &&
    has(source, sources) &&
    has(destination, destinations) &&
    one.time >= (startTime ?? 0) &&
    one.time < (endTime ?? 100) &&
    (tag === "" || tag === one.tag)
  );
}

test("lists and counts are what their filters mean", { timeout: 60_000 }, async () => {
  const ledger = await testLedger({ allowPastTimestamps: true });
  const all = fc.sample(made, 150);
  for (const { postings, time, tag } of all) {
    const texts = postings.map(({ source, destination }) => `${source} > ${destination} 0 USD/2`);
    const timestamp = NOW + BigInt(time) * 1_000_000n;
    await ledger.write("main", transaction(texts, { timestamp, metadata: { tag } }));
  }
  const client = clientOf(ledger);
  const used = new Set(
    all.flatMap(({ postings }) => postings.flatMap((it) => [it.source, it.destination])),
  );
  await fc.assert(
    fc.asyncProperty(filter, async (wanted) => {
      const { tag, startTime, endTime, ...sides } = wanted;
      const query = {
        ...sides,
        ...(startTime !== null && { startTime: seconds(startTime) }),
        ...(endTime !== null && { endTime: seconds(endTime) }),
        metadata: tag === "" ? {} : { tag },
      };
      const expected = all.flatMap((one, txid) => (lets(wanted, one) ? [String(txid)] : []));
      expect(await allKeys(transactions, client, query)).toEqual(expected.reverse());
      const { count } = await client.countTransactions({ ledger: "main", ...query });
      expect(count).toBe(BigInt(expected.length));
      const named = [...used].filter((each) => matches(wanted.account, each));
      expect(await allKeys(accounts, client, { address: wanted.account })).toEqual(
        named.sort().reverse(),
      );
    }),
    { numRuns: 100 },
  );
});
