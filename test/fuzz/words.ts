import { type DescField, ScalarType } from "@bufbuild/protobuf";
import fc, { type Arbitrary } from "fast-check";

/** What fields of these names hold, so that much of what is made gets past the first check. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  ledger: ["main", "main", "other", "never-written", "_system", "a b"],
  address: ["users:1", "world", "users:.*", "nobody", "a::b"],
  source: ["world", "users:1", "nobody"],
  destination: ["users:1", "shops:7"],
  account: ["users:1", "users:*", "(", "world"],
  asset: ["USD/2", "EUR/2", "GEM", "usd"],
  amount: ["0", "1", "100", "9".repeat(60), "-1", "1.5", "1e3"],
  balance: ["0", "100", "-5", "9".repeat(40)],
  balanceAsset: ["USD/2", "none"],
  reference: ["order:1", "fresh:1", ""],
  after: ["users:1", "world"],
  plain: [
    "send [USD/2 1] (source = @world destination = @users:1)",
    "vars { account $a } send [USD/2 1] (source = @world destination = $a)",
    "vars { monetary $a } send $a (source = @users:1 destination = @shops:7)",
    "send [USD/2 *] (source = @users:1 destination = { 1/3 to @a remaining kept })",
    'set_tx_meta("a", 1) print 1 fail',
    "send [USD/2",
  ],
  expr: ['{"$gte":["$balance",0]}', '{"$and":[]}', "{}", "[", '{"$gte":["$balance",-1e3]}'],
  key: ["kind", "a.b", "__proto__", ""],
  metadata: ["a", ""],
  label: ["cashier", "ledger:read", "fresh"],
  name: ["till", "spring", ""],
  id: ["till", "0", "nothing"],
  directory: ["files", "../elsewhere", "/", ""],
  filePollingPeriod: ["1h", "0s", "-1s"],
  endpoint: ["http://127.0.0.1:1", "http://169.254.169.254/", "file:///etc/passwd", "a"],
  apiKey: ["sk_test_0123456789abcdef", "***cdef", ""],
  sort: ["date:asc", "amount:desc", "date:up", "'"],
  hash: ["00".repeat(32), "z"],
  service: ["", "florin.ledger.v1.LedgerService", "nothing"],
  fileByFilename: ["florin/ledger/v1/ledger.proto", "../etc/passwd"],
  fileContainingSymbol: ["florin.ledger.v1.LedgerService", "."],
};

/** Texts that mean something to somebody, or that are long. */
const HOSTILE = [
  ...["", "\0", "a\0b", "\ud800", "\udc00x", "'", "''; drop table logs; --", '"', "\\", "%", "$1"],
  ...["../../etc/passwd", "__proto__", "constructor", "\r\nx-evil: 1", "\u202e🙂é", "null", "NaN"],
  ...[
    "x".repeat(300),
    "x".repeat(3_000),
    "é".repeat(1_100),
    "9".repeat(2_000),
    "(a+)+$",
    "a,b",
    "*",
  ],
];

export const hostileText: Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...HOSTILE) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 30 }) },
);

/** A text for the field `name`: mostly one that fits. `known` are ids that exist. */
export function textFor(name: string, known: Words): Arbitrary<string> {
  const words = [...(known[name] ?? []), ...(WORDS[name] ?? [])];
  const fitting = fc.constantFrom(...(words.length > 0 ? words : ["a", "users:1", "main", "1"]));
  return fc.oneof({ weight: 9, arbitrary: fitting }, { weight: 1, arbitrary: hostileText });
}

export type Words = Readonly<Record<string, readonly string[]>>;

const LIMITS: ReadonlyMap<ScalarType, readonly [min: bigint, max: bigint]> = new Map([
  ...[ScalarType.INT32, ScalarType.SINT32, ScalarType.SFIXED32].map(
    (type) => [type, [-(2n ** 31n), 2n ** 31n - 1n]] as const,
  ),
  ...[ScalarType.UINT32, ScalarType.FIXED32].map((type) => [type, [0n, 2n ** 32n - 1n]] as const),
  ...[ScalarType.INT64, ScalarType.SINT64, ScalarType.SFIXED64].map(
    (type) => [type, [-(2n ** 63n), 2n ** 63n - 1n]] as const,
  ),
  ...[ScalarType.UINT64, ScalarType.FIXED64].map((type) => [type, [0n, 2n ** 64n - 1n]] as const),
]);

/** A value of a scalar field: what its type can hold, edges included. */
export function scalarFor({ scalar, localName }: DescField, known: Words): Arbitrary<unknown> {
  if (scalar === ScalarType.STRING) return textFor(localName, known);
  if (scalar === ScalarType.BOOL) return fc.boolean();
  if (scalar === ScalarType.BYTES) return fc.uint8Array({ maxLength: 20 });
  const [min, max] = LIMITS.get(scalar as ScalarType) ?? [0n, 0n];
  if (max === 0n) return fc.double();
  const integers = fc.oneof(
    { weight: 6, arbitrary: fc.bigInt({ min: 0n, max: 3n }) },
    { weight: 2, arbitrary: fc.bigInt({ min, max }) },
    { weight: 1, arbitrary: fc.constantFrom(min, max, 1000n, 1001n) },
  );
  return max > 2n ** 32n ? integers : integers.map(Number);
}
