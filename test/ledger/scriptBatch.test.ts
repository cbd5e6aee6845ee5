import fc from "fast-check";
import { expect, test } from "vitest";
import type { Request } from "../../src/ledger/domain/command.js";
import type { Ledger } from "../../src/ledger/ledger.js";
import { refusalOf, script, send, written } from "./scripts.js";
import { request, testLedger, transaction } from "./support.js";

/** Hands all of `requests` over in one turn: they are one batch. */
const together = (ledger: Ledger, requests: readonly Request[]) =>
  Promise.all(requests.map((each) => ledger.write("main", each)));

test("of a hundred scripts that spend one balance, those it covers pass, in their order", async () => {
  const ledger = await testLedger();
  await written(ledger, transaction("world > a 37 USD/2"));
  const results = await together(
    ledger,
    Array.from({ length: 100 }, (_, n) => script(send(`a > shop:${n} 1 USD/2`))),
  );
  expect(results.map(({ ok }) => ok)).toEqual(results.map((_, n) => n < 37));
});

test("a script sees the metadata that was written just before it in the same batch", async () => {
  const ledger = await testLedger();
  const setTo = (account: string) =>
    request({
      kind: "set-metadata",
      target: { account: "route" },
      metadata: { to: { type: "account", value: account } },
    });
  const route = `vars { account $to = meta(@route, "to") }
    send [USD/2 1] (source = @world destination = $to)`;
  const results = await together(ledger, [
    script(route),
    setTo("a"),
    script(`${route} set_account_meta(@route, "to", @b)`),
    script(route),
    setTo("c"),
    script(route, { isPreview: true }),
  ]);
  const destinations = results.map((result) => {
    const entry = result.ok ? result.value.entries[0] : undefined;
    return entry?.type === "NEW_TRANSACTION" ? entry.transaction.postings[0]?.destination : null;
  });
  expect(destinations).toEqual([null, null, "a", "b", null, "c"]);
});

test("a script that is sent to what metadata names only since just before finds its balance there", async () => {
  const ledger = await testLedger();
  await written(ledger, transaction(["world > a 10 USD/2", "world > b 20 USD/2"]));
  const setTo = (account: string) =>
    request({ kind: "set-metadata", target: { account: "route" }, metadata: { from: account } });
  await ledger.write("main", setTo("a"));
  const other = await testLedger({ db: ledger.db });
  const sweep = `vars { account $from = meta(@route, "from") }
    send [USD/2 *] (source = $from destination = @out)`;
  const results = await together(other, [setTo("b"), script(sweep), script(sweep)]);
  expect(results).toMatchObject([
    { ok: true },
    {
      ok: true,
      value: { entries: [{ transaction: { postings: [{ source: "b", amount: 20n }] } }] },
    },
    { ok: false, failure: { kind: "script-without-postings" } },
  ]);
});

test("scaling sees an asset that the account has only since just before", async () => {
  const ledger = await testLedger();
  await written(ledger, transaction("world > a 1 USD/2"));
  const scale = "send [USD/2 150] (source = @a with scaling through @fx destination = @x)";
  const results = await together(ledger, [
    script(scale),
    transaction("world > a 2 USD"),
    script(scale),
  ]);
  expect(results.map(({ ok }) => ok)).toEqual([false, true, true]);
});

test("a refused script leaves no trace for those after it", async () => {
  const ledger = await testLedger();
  const results = await together(ledger, [
    script(`${send("world > a 5 USD/2")} set_account_meta(@a, "k", 1) ${send("b > c 1 USD/2")}`),
    script(send("a > c 1 USD/2")),
    script(send("world > a 5 USD/2")),
  ]);
  expect(results.map(({ ok }) => ok)).toEqual([false, false, true]);
  expect(await ledger.db("accounts").where({ ledger: 1 }).orderBy("id").pluck("address")).toEqual([
    "world",
    "a",
  ]);
});

/** One way to move money, and which way it is written. */
const moves = fc.record({
  source: fc.constantFrom("world", "a", "b", "c"),
  destination: fc.constantFrom("a", "b", "c"),
  amount: fc.integer({ min: 1, max: 40 }),
  asset: fc.constantFrom("USD/2", "GEM"),
  isScript: fc.boolean(),
  isPreview: fc.boolean(),
});

test("scripts and postings in any order move what a list of balances says", async () => {
  const ledger = await testLedger();
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(moves, { minLength: 1, maxLength: 40 }), async (all) => {
      const name = `run-${run++}`;
      const balances = new Map<string, number>();
      const expected = all.map(({ source, destination, amount, asset, isPreview }) => {
        const [from, to] = [`${source} ${asset}`, `${destination} ${asset}`];
        const available = balances.get(from) ?? 0;
        // A posting from an account to itself ends where it began: only a script minds that the money is not there.
        const isPaid = source === "world" || available >= amount;
        if (isPaid && !isPreview) {
          balances.set(from, available - amount);
          balances.set(to, (balances.get(to) ?? 0) + amount);
        }
        return isPaid;
      });
      const requests = all.map(({ source, destination, amount, asset, isScript, isPreview }) => {
        const text = `${source} > ${destination} ${amount} ${asset}`;
        const extras = { isPreview };
        return isScript || source === destination
          ? script(send(text), extras)
          : transaction(text, extras);
      });
      const results = await Promise.all(requests.map((each) => ledger.write(name, each)));
      expect(results.map(({ ok }) => ok)).toEqual(expected);
    }),
    { numRuns: 30, seed: 7 },
  );
});

test("a script that makes too many postings is refused, and says how many it may make", async () => {
  const ledger = await testLedger();
  const shares = (count: number) => {
    const clauses = Array.from({ length: count - 1 }, (_, n) => `max $one to @a:${n}`);
    return script(
      `vars { monetary $one } send [GEM ${count}] (
      source = @world
      destination = { ${clauses.join("\n")} remaining to @rest }
    )`,
      { variables: { one: "GEM 1" } },
    );
  };
  expect(await refusalOf(ledger, shares(10_001))).toEqual({
    kind: "script-excessive",
    what: "more than 10000 postings",
  });
  expect((await written(ledger, shares(10_000))).postings).toHaveLength(10_000);
});

test("a script that repeats a long text without end is refused", async () => {
  const ledger = await testLedger();
  const writes = Array.from({ length: 4000 }, (_, n) => `set_account_meta(@a:${n}, "k", $long)`);
  const text = `vars { string $long } ${send("world > a 1 GEM")} ${writes.join("\n")}`;
  const variables = { long: "x".repeat(1_000_000) };
  expect(await refusalOf(ledger, script(text, { variables }))).toMatchObject({
    kind: "script-excessive",
  });
});

test("an address that no index could hold is refused", async () => {
  const ledger = await testLedger();
  const text = `vars { account $to } ${send("world > a 1 GEM")} set_account_meta($to, "k", 1)`;
  const to = (length: number) => script(text, { variables: { to: "a".repeat(length) } });
  expect(await refusalOf(ledger, to(1025))).toMatchObject({ kind: "script-refused" });
  expect((await written(ledger, to(1024))).accounts).toHaveLength(1);
});

test("thousands of variables and a very long script are run", async () => {
  const ledger = await testLedger();
  const names = Array.from({ length: 3000 }, (_, n) => `v${n}`);
  const declared = names.map((name) => `monetary $${name}`).join("\n");
  const sends = names
    .map((name, n) => `send $${name} (source = @world destination = @a:${n})`)
    .join("\n");
  const text = `vars {\n${declared}\n}\n// ${"long comment ".repeat(3_000)}\n${sends}`;
  const variables = Object.fromEntries(names.map((name) => [name, "GEM 1"]));
  const { postings } = await written(ledger, script(text, { variables }));
  expect(postings).toHaveLength(names.length);
});

test("a script that metadata sends from account to account without end is refused", async () => {
  const ledger = await testLedger();
  const length = 100;
  const links = Array.from({ length }, (_, n) =>
    request({
      kind: "set-metadata",
      target: { account: `n:${n}` },
      metadata: { to: `n:${n + 1}` },
    }),
  );
  await together(ledger, links);
  const other = await testLedger({ db: ledger.db });
  const follow = (steps: number) => {
    const vars = Array.from(
      { length: steps },
      (_, n) => `account $v${n + 1} = meta(${n === 0 ? "@n:0" : `$v${n}`}, "to")`,
    );
    return script(
      `vars { ${vars.join("\n")} } send [GEM 1] (source = @world destination = $v${steps})`,
    );
  };
  expect(await refusalOf(other, follow(length))).toEqual({ kind: "too-many-reads" });
  expect((await written(other, follow(30))).postings).toEqual(["world > n:30 1 GEM"]);
});

test("scripts of two processes that race for one balance see each other's payments", async () => {
  const one = await testLedger();
  const other = await testLedger({ db: one.db });
  await written(one, transaction("world > a 20 USD/2"));
  const pay = script(`${send("a > b 1 USD/2")} set_account_meta(@b, "paid", 1)`);
  const race = Array.from({ length: 60 }, async (_, index) => {
    await new Promise((resolve) => setImmediate(resolve));
    return (index % 2 ? one : other).write("main", pay);
  });
  expect((await Promise.all(race)).filter(({ ok }) => ok)).toHaveLength(20);
});
