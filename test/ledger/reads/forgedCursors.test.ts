import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, test, vi } from "vitest";
import { clientOf } from "../client.js";
import { transaction } from "../support.js";
import { busyLedger, LISTS } from "./busyLedger.js";
import { allKeys, type Listed } from "./lists.js";

vi.setConfig({ testTimeout: 60_000 });

/** What somebody may write into a field of a cursor. */
const VALUES: readonly unknown[] = [
  ...[null, true, false, 0, -1, 1, 1.5, 1e21, 2 ** 53, Number.MAX_VALUE],
  ...["", "0", "-1", "1e3", "0x10", " 1", "9".repeat(18), "9".repeat(19), "9".repeat(1000)],
  ...["users:3", "USERS:3", "(", "[", "*", "a\0b", "\ud800", "💰", "x".repeat(100_000)],
  ...["' or true --", "1; drop table logs", "now()", "infinity", "NaN", "$1", "?"],
  ...["transactions", "accounts", "balances", "logs", "gte", "=", "USD/2"],
  ...[[], ["users:3"], [null], [[]], ["("], Array(2000).fill("users:3")],
  ...[{}, { below: "5" }, { from: "5" }, { below: "users:5" }, { from: "" }, { below: "", x: 1 }],
  ...[{ odd: "true" }, { odd: true }, { "": "" }, { "a.b.c.d": "x" }, { "' or 1=1 --": "'" }],
  JSON.parse('{"__proto__": "x", "constructor": "y"}'),
];

const encode = (query: unknown): string => Buffer.from(JSON.stringify(query)).toString("base64url");

const decode = (cursor: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(cursor, "base64url").toString());

describe.each(Object.entries(LISTS))("%s", (name, list) => {
  /** A busy ledger, all that its list has, and the cursor of the list's second page. */
  async function setUp() {
    const ledger = await busyLedger();
    await ledger.write("other", transaction("world > secret 1 USD/2", { reference: "secret" }));
    const client = clientOf(ledger);
    const whole = await allKeys(list, client);
    const { next } = await list(client, { pageSize: 2 });
    /** Whether `cursor` is refused; if it is not, it leads to a part of this list. */
    const isRefused = async (cursor: string): Promise<boolean> => {
      const told = await list(client, { cursor }).catch(ConnectError.from);
      if (told instanceof ConnectError) {
        expect([told.code, cursor], told.message).toEqual([Code.InvalidArgument, cursor]);
        return true;
      }
      expectPartOf(whole, told);
      return false;
    };
    return { client, next, isRefused };
  }

  test("whatever is written into a field of a cursor, it is refused or leads to a part of the list", async () => {
    const { next, isRefused } = await setUp();
    const query = decode(next);
    let refused = 0;
    for (const field of [...Object.keys(query), "extra"]) {
      for (const value of VALUES) {
        if (await isRefused(encode({ ...query, [field]: value }))) refused++;
      }
      const { [field]: _, ...rest } = query;
      expect(await isRefused(encode(rest)), field).toBe(field !== "extra");
    }
    // Most are nonsense.
    expect(refused).toBeGreaterThan((Object.keys(query).length * VALUES.length) / 2);
  });

  test("a cursor that is cut, bent or wrapped is refused or leads to a part of the list", async () => {
    const { next, isRefused } = await setUp();
    for (let length = 1; length < next.length - 1; length++) {
      expect(await isRefused(next.slice(0, length)), `cut to ${length}`).toBe(true);
    }
    for (let at = 0; at < next.length; at += 7) {
      for (const character of "A9") {
        await isRefused(next.slice(0, at) + character + next.slice(at + 1));
      }
    }
    const query = decode(next);
    for (const wrapped of [
      ...[[query], { query }, JSON.stringify(query), null, 1, "", []].map(encode),
      ...[next + next, `${next}.signature`, encode(next), "A".repeat(1_000_000)],
      Buffer.from(`${JSON.stringify(query)} ${JSON.stringify(query)}`).toString("base64url"),
      Buffer.from(`{"a":${"[".repeat(100_000)}`).toString("base64url"),
    ]) {
      expect(await isRefused(wrapped), wrapped.slice(0, 100)).toBe(true);
    }
  });

  test("a cursor of another ledger shows nothing of that one", async () => {
    const { client } = await setUp();
    const ledger = "other";
    const there = await list(client, { ledger, pageSize: 1 });
    const whole = await allKeys(list, client);
    if (there.next === "") return expect(name).toMatch(/transactions|logs/);
    expectPartOf(whole, await list(client, { cursor: there.next }));
    const back = await list(client, { ledger, cursor: there.next });
    expect(back.keys.concat(there.keys).toSorted()).toEqual(["secret", "world"]);
  });
});

/** Keys of the list, in its order, each once. */
function expectPartOf(whole: readonly string[], { keys }: Listed): void {
  const places = keys.map((key) => whole.indexOf(key));
  expect(places).not.toContain(-1);
  expect(places).toEqual([...new Set(places)].toSorted((a, b) => a - b));
}
