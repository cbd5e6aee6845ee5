import { canonical } from "./check/canonical.js";
import type { Json, JsonObject, Posting } from "./history.js";

/** A transaction as an answer shows it, the same text over both wires. */
export interface ShownTransaction {
  readonly id: string;
  readonly postings: readonly Posting[];
  readonly reference: string;
  readonly metadata: JsonObject;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly before: ShownVolumes;
  readonly after: ShownVolumes;
}

/** By `volumeKey`: input and output. */
export type ShownVolumes = Readonly<Record<string, readonly [input: bigint, output: bigint]>>;

export function print({ postings, before, after, ...rest }: ShownTransaction): string {
  const lines = postings.map((each) => [
    ...[each.source, each.destination, each.asset],
    String(each.amount),
  ]);
  return canonical({
    ...rest,
    postings: lines,
    before: printVolumes(before),
    after: printVolumes(after),
  });
}

const printVolumes = (volumes: ShownVolumes): JsonObject =>
  Object.fromEntries(Object.entries(volumes).map(([key, all]) => [key, all.map(String)]));

/** What a body says of transactions; 64-bit integers may be numbers or text. */
interface Body {
  readonly data?: Transaction | readonly Transaction[];
}

interface Transaction {
  readonly txid: string | number;
  readonly postings: readonly (Omit<Posting, "amount"> & { readonly amount: string | number })[];
  readonly reference?: string;
  readonly metadata?: JsonObject;
  readonly timestamp: string;
  readonly preCommitVolumes?: Json;
  readonly postCommitVolumes?: Json;
}

/** Each transaction that `body` shows, printed. */
export const printTransactions = (body: unknown): string[] =>
  [((body ?? {}) as Body).data ?? []].flat().map((shown) =>
    print({
      id: String(shown.txid),
      postings: shown.postings.map((each) => ({ ...each, amount: BigInt(each.amount) })),
      reference: shown.reference ?? "",
      metadata: shown.metadata ?? {},
      at: Date.parse(shown.timestamp),
      before: volumesIn(shown.preCommitVolumes),
      after: volumesIn(shown.postCommitVolumes),
    }),
  );

interface Volume {
  readonly input: string | number;
  readonly output: string | number;
}

/** Of account and asset; protobuf has a message in between, of one field. */
function volumesIn(shown: Json | undefined): ShownVolumes {
  const accounts = (shown ?? {}) as unknown as Record<string, Record<string, Volume>>;
  return Object.fromEntries(
    Object.entries(accounts).flatMap(([account, inside]) => {
      const assets = ("volumes" in inside ? inside["volumes"] : inside) as typeof inside;
      return Object.entries(assets).map(([asset, { input, output }]) => [
        `${account} ${asset}`,
        [BigInt(input), BigInt(output)] as const,
      ]);
    }),
  );
}
