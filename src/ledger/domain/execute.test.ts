import fc from "fast-check";
import { expect, test } from "vitest";
import type { Result } from "../../lib/result.js";
import { auditLogs, newAudit } from "./audit.js";
import { type Command, hashRequest, type NewTransaction, type Request } from "./command.js";
import { execute, type Receipt } from "./execute.js";
import type { Refusal } from "./failure.js";
import type { JsonObject } from "./json.js";
import { NO_MAPPING } from "./mapping.js";
import { needsOf, needsOfReverts } from "./needsOf.js";
import { EMPTY_HEAD, newState, type State } from "./state.js";
import { balance, EMPTY, volumeKey } from "./volumes.js";

const account = fc.constantFrom("world", "a", "b", "c:d");
const posting = fc.record({
  source: account,
  destination: account,
  asset: fc.constantFrom("USD/2", "ETH/18"),
  amount: fc.oneof(fc.bigInt(0n, 100n), fc.bigInt(0n, 10n ** 40n)),
});
const metadata = fc.dictionary(fc.string(), fc.jsonValue(), {
  maxKeys: 2,
}) as fc.Arbitrary<JsonObject>;
const transaction: fc.Arbitrary<NewTransaction> = fc.record({
  postings: fc.array(posting, { minLength: 1, maxLength: 3 }),
  reference: fc.option(fc.constantFrom("one", "two", "three")),
  metadata,
  timestamp: fc.option(fc.bigInt(0n, 20_000_000n)),
});
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("create-transactions" as const),
      transactions: fc.array(transaction, { minLength: 1, maxLength: 3 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("set-metadata" as const),
      target: fc.oneof(fc.record({ account }), fc.record({ txid: fc.bigInt(0n, 5n) })),
      metadata,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("revert-transaction" as const),
      txid: fc.bigInt(0n, 5n),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("update-mapping" as const),
      mapping: fc.constant(NO_MAPPING),
    }),
  },
);
const request: fc.Arbitrary<Request> = fc
  .record({
    command,
    isPreview: fc.boolean(),
    key: fc.option(fc.constantFrom("k1", "k2", "k3"), { freq: 3 }),
    actor: fc.constant(null),
  })
  .map(({ key, ...rest }) => ({
    ...rest,
    idempotency: key && { key, requestHash: hashRequest(rest.command, rest.isPreview) },
  }));
const requests = fc.array(request, { maxLength: 20 });

/** Executes one request on a state that is told what it needs: in a test without a database, nothing else exists. */
function run(
  state: State,
  request: Request,
  allowPastTimestamps = false,
): Result<Receipt, Refusal> {
  for (const { accounts } of [needsOf([request], state), needsOfReverts(state)]) {
    for (const key of accounts.keys()) {
      if (!state.volumes.has(key)) state.volumes.set(key, EMPTY);
    }
  }
  const outcome = execute(state, request, { now: 10_500_000n, allowPastTimestamps });
  if ("needs" in outcome) throw new Error("not told what it needs");
  return outcome;
}

function runAll(all: readonly Request[]): State {
  const state = newState(EMPTY_HEAD);
  for (const request of all) run(state, request);
  return state;
}

test("value is neither made nor lost, and nobody but world ends below zero", () => {
  fc.assert(
    fc.property(requests, (all) => {
      const sums = new Map<string, bigint>();
      for (const [key, volume] of runAll(all).volumes) {
        const [account, asset = ""] = key.split(" ");
        if (account !== "world") expect(balance(volume)).toBeGreaterThanOrEqual(0n);
        sums.set(asset, (sums.get(asset) ?? 0n) + balance(volume));
      }
      for (const sum of sums.values()) expect(sum).toBe(0n);
    }),
  );
});

test("the logs tell the whole state, hashes and volumes, but for the count of events", () => {
  fc.assert(
    fc.property(requests, (all) => {
      const state = runAll(all);
      const audit = newAudit();
      expect(auditLogs(audit, state.logs)).toBeNull();
      expect(audit.state.head).toEqual({ ...state.head, nextEvent: 0n });
      for (const [key, volume] of state.volumes) {
        expect(audit.state.volumes.get(key) ?? EMPTY).toEqual(volume);
      }
    }),
  );
});

test("a refused, repeated or previewed request leaves no trace", () => {
  fc.assert(
    fc.property(requests, request, (all, last) => {
      const state = runAll(all);
      run(newState(EMPTY_HEAD), last);
      const before = structuredClone(state);
      const result = run(state, last);
      if (result.ok && !result.value.isReplay && !last.isPreview) return;
      for (const [key, volume] of state.volumes) {
        if (volume === EMPTY && !before.volumes.has(key)) state.volumes.delete(key);
      }
      expect(state).toEqual(before);
    }),
  );
});

test("a preview tells what the same request then does", () => {
  fc.assert(
    fc.property(requests, command, (all, command) => {
      const state = runAll(all);
      const request = { command, isPreview: false, idempotency: null, actor: null };
      const preview = run(state, { ...request, isPreview: true });
      expect(run(state, request)).toEqual(preview);
    }),
  );
});

test("timestamps never go back unless they may", () => {
  fc.assert(
    fc.property(requests, (all) => {
      const times = runAll(all).logs.flatMap(({ entry }) =>
        "transaction" in entry ? [entry.date] : [],
      );
      expect(times).toEqual(times.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
    }),
  );
});

test("an account below zero may receive less than it owes and pass money on, but not pay", () => {
  const pay = (source: string, destination: string): Request => ({
    command: {
      kind: "create-transactions",
      transactions: [
        {
          postings: [{ source, destination, asset: "USD/2", amount: 10n }],
          reference: null,
          metadata: {},
          timestamp: null,
        },
      ],
    },
    isPreview: false,
    idempotency: null,
    actor: null,
  });
  const state = newState(EMPTY_HEAD);
  state.volumes.set(volumeKey("a", "USD/2"), { input: 0n, output: 100n });
  expect(run(state, pay("world", "a")).ok).toBe(true);
  expect(run(state, pay("a", "a")).ok).toBe(true);
  expect(run(state, pay("a", "b"))).toMatchObject({
    failure: { kind: "insufficient-funds", account: "a", available: -90n, needed: 10n },
  });
});
