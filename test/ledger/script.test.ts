import { pino } from "pino";
import { expect, test } from "vitest";
import { refusalOf, script, send, written } from "./scripts.js";
import { NOW, request, testLedger, transaction } from "./support.js";

const FUND = transaction("world > a 100 USD/2");

test("a script makes a transaction, and metadata of it and of accounts in the order of their first writes", async () => {
  const ledger = await testLedger();
  const text = `
    vars { monetary $price  account $buyer  portion $fee }
    send $price (source = @world destination = { $fee to @fees remaining to @shop })
    set_tx_meta("price", $price)
    set_tx_meta("fee", $fee)
    set_account_meta(@shop, "lastBuyer", $buyer)
    set_account_meta(@new:account, "n", 1 + 2)
    set_account_meta(@shop, "label", "vip client")`;
  const variables = { price: "EUR/2 1000", buyer: "users:1", fee: "2.5%" };
  const extras = { variables, reference: "sale-1", metadata: { note: "first" } };
  const { postings, transaction, accounts } = await written(ledger, script(text, extras));
  expect(postings).toEqual(["world > fees 25 EUR/2", "world > shop 975 EUR/2"]);
  expect(transaction).toMatchObject({ txid: 0n, reference: "sale-1", timestamp: NOW });
  expect(transaction.metadata).toEqual({
    note: "first",
    price: { type: "monetary", value: { asset: "EUR/2", amount: 1000 } },
    fee: { type: "portion", value: { remaining: false, specific: "1/40" } },
  });
  expect(accounts).toEqual([
    [
      "shop",
      {
        lastBuyer: { type: "account", value: "users:1" },
        label: { type: "string", value: "vip client" },
      },
    ],
    ["new:account", { n: { type: "number", value: 3 } }],
  ]);
  const stored = await ledger.db("accounts").where({ ledger: 1 }).orderBy("id");
  expect(stored.map(({ address, metadata }) => [address, metadata])).toEqual([
    ["world", {}],
    ["fees", {}],
    ...accounts,
  ]);
});

test("an integer that no double holds is kept to its last digit, and read back", async () => {
  const ledger = await testLedger();
  const amount = 2n ** 80n;
  await written(
    ledger,
    script(`
      send [USD/2 ${amount}] (source = @world destination = @a)
      set_account_meta(@a, "credit", [USD/2 ${amount}])
      set_account_meta(@a, "n", ${amount})
      set_account_meta(@a, "largest", ${Number.MAX_SAFE_INTEGER})`),
  );
  const [metadata] = await ledger
    .db("accounts")
    .where({ ledger: 1, address: "a" })
    .pluck("metadata");
  expect(metadata).toEqual({
    credit: { type: "monetary", value: { asset: "USD/2", amount: String(amount) } },
    n: { type: "number", value: String(amount) },
    largest: { type: "number", value: Number.MAX_SAFE_INTEGER },
  });
  const read = `
    vars { monetary $credit = meta(@a, "credit")  number $n = meta(@a, "n") }
    send $credit (source = @a destination = @b)
    send [GEM $n] (source = @world destination = @b)`;
  expect((await written(ledger, script(read))).postings).toEqual([
    `a > b ${amount} USD/2`,
    `world > b ${amount} GEM`,
  ]);
});

test("what one metadata names is read from there, step by step", async () => {
  const ledger = await testLedger();
  const setAll = [1, 2, 3, 4].map((n) =>
    ledger.write(
      "main",
      request({
        kind: "set-metadata",
        target: { account: `chain:${n}` },
        metadata: { next: { type: "account", value: `chain:${n + 1}` }, plain: `chain:${n + 1}` },
      }),
    ),
  );
  await Promise.all(setAll);
  const text = `
    vars {
      account $two = meta(@chain:1, "next")
      account $three = meta($two, "plain")
      account $four = meta($three, "next")
      account $five = meta($four, "plain")
      monetary $start = balance($five, USD/2)
    }
    send [USD/2 7] (source = @world destination = $five)
    send $start (source = @world destination = @mirror)`;
  expect((await written(ledger, script(text))).postings).toEqual(["world > chain:5 7 USD/2"]);
  expect((await written(ledger, script(text))).postings).toEqual([
    "world > chain:5 7 USD/2",
    "world > mirror 7 USD/2",
  ]);
});

test("an account that only the end of a script names is known again, if it is there", async () => {
  const ledger = await testLedger();
  await written(ledger, FUND);
  const old = { target: { account: "old" }, metadata: { first: 1 } };
  await ledger.write("main", request({ kind: "set-metadata", ...old }));
  const other = await testLedger({ db: ledger.db });
  const text = `${send("a > b 1 USD/2")} set_account_meta(@old, "second", 2) set_account_meta(@new, "k", 3)`;
  await written(other, script(text));
  await written(other, script(text));
  const accounts = await ledger.db("accounts").where({ ledger: 1 }).orderBy("id");
  expect(accounts.map(({ address }) => address)).toEqual(["world", "a", "old", "b", "new"]);
  expect(accounts[2]?.metadata).toEqual({ first: 1, second: { type: "number", value: 2 } });
});

test("world pays without end, also when a variable names it", async () => {
  const ledger = await testLedger();
  const text = "vars { account $from } send [USD/2 5] (source = $from destination = @a)";
  const { postings } = await written(ledger, script(text, { variables: { from: "world" } }));
  expect(postings).toEqual(["world > a 5 USD/2"]);
});

test("coloured money is a balance of its own", async () => {
  const ledger = await testLedger();
  await written(ledger, transaction(["world > a 10 USD_RED/2", "world > a 10 USD/2"]));
  const text = `send [USD/2 12] (source = { @a \\ "RED" @a } destination = @b)`;
  expect((await written(ledger, script(text))).postings).toEqual([
    "a > b 10 USD_RED/2",
    "a > b 2 USD/2",
  ]);
  const red = `send [USD/2 1] (source = @a \\ "RED" destination = @b)`;
  expect(await refusalOf(ledger, script(red))).toMatchObject({ kind: "script-insufficient-funds" });
});

test("money of other scales is changed on the way", async () => {
  const ledger = await testLedger();
  await written(ledger, transaction(["world > a 5 USD", "world > a 40 USD/2", "world > a 9 EUR"]));
  const text = "send [USD/2 250] (source = @a with scaling through @fx destination = @x)";
  expect((await written(ledger, script(text))).postings).toEqual([
    "a > fx 3 USD",
    "fx > a 300 USD/2",
    "a > x 250 USD/2",
  ]);
});

const KEPT = `send [USD/2 30] (
  source = { @a @b }
  destination = { max [USD/2 5] kept remaining to @x }
)`;

test.each([
  ["by default", KEPT, null, ["a > x 10 USD/2", "b > x 15 USD/2"]],
  ["if asked for the machine", KEPT, "machine", ["a > x 10 USD/2", "b > x 15 USD/2"]],
  ["if asked for the interpreter", KEPT, "interpreter", ["a > x 5 USD/2", "b > x 20 USD/2"]],
  [
    "if the script names the interpreter",
    `// @version interpreter 0.0.15\n${KEPT}`,
    null,
    ["a > x 5 USD/2", "b > x 20 USD/2"],
  ],
  [
    "if the request overrules the script",
    `// @version interpreter 0.0.15\n${KEPT}`,
    "machine",
    ["a > x 10 USD/2", "b > x 15 USD/2"],
  ],
] as const)("whose money is kept: %s", async (_, text, runtime, postings) => {
  const ledger = await testLedger();
  await written(ledger, transaction(["world > a 10 USD/2", "world > b 50 USD/2"]));
  expect((await written(ledger, script(text, { runtime }))).postings).toEqual(postings);
});

test("a script's transaction is reverted like any other", async () => {
  const ledger = await testLedger();
  await written(ledger, FUND);
  const overdraft = `send [USD/2 150] (
    source = @a allowing overdraft up to [USD/2 50]
    destination = { 1/3 to @b remaining to @c }
  )`;
  await written(ledger, script(overdraft));
  const { postings } = await written(ledger, request({ kind: "revert-transaction", txid: 1n }));
  expect(postings).toEqual(["c > a 100 USD/2", "b > a 50 USD/2"]);
});

test("a repeated request gets the first answer, account metadata included, and writes nothing", async () => {
  const ledger = await testLedger();
  const text = `${send("world > a 1 USD/2")} set_account_meta(@a, "n", 1) set_tx_meta("m", 1/3)`;
  const first = await ledger.write("main", script(text, { key: "k" }));
  const replay = await ledger.write("main", script(text, { key: "k" }));
  if (!first.ok || !replay.ok) throw new Error("refused");
  expect(replay.value).toEqual({ entries: first.value.entries, isReplay: true });
  expect(await ledger.db("ledgers").pluck("next_log")).toEqual([2n]);
  for (const other of [
    script(`${text} `, { key: "k" }),
    script(text, { key: "k", isPreview: true }),
    script(text, { key: "k", runtime: "machine" }),
    script(text, { key: "k", variables: { x: "1" } }),
    transaction("world > a 1 USD/2", { key: "k" }),
  ]) {
    expect(await refusalOf(ledger, other)).toMatchObject({ kind: "idempotency-key-reused" });
  }
});

test("the order of variables is no difference between requests", async () => {
  const ledger = await testLedger();
  const text = "vars { monetary $m account $a } send $m (source = @world destination = $a)";
  await written(ledger, script(text, { key: "k", variables: { m: "USD/2 1", a: "b" } }));
  const replay = script(text, { key: "k", variables: { a: "b", m: "USD/2 1" } });
  expect(await ledger.write("main", replay)).toMatchObject({ ok: true, value: { isReplay: true } });
});

test("a refusal is not kept under its key: the same request may succeed later", async () => {
  const ledger = await testLedger();
  const pay = script(send("a > b 5 USD/2"), { key: "k" });
  expect(await refusalOf(ledger, pay)).toMatchObject({ kind: "script-insufficient-funds" });
  await written(ledger, FUND);
  expect((await written(ledger, pay)).postings).toEqual(["a > b 5 USD/2"]);
});

test("a preview shows what would be written, and writes nothing", async () => {
  const ledger = await testLedger();
  await written(ledger, FUND);
  const text = `${send("a > b 5 USD/2")} set_account_meta(@b, "n", 1)`;
  const shown = await written(ledger, script(text, { isPreview: true }));
  expect(shown.transaction.txid).toBe(1n);
  expect(shown.accounts).toEqual([["b", { n: { type: "number", value: 1 } }]]);
  expect(await ledger.db("accounts").where({ ledger: 1 }).pluck("address")).not.toContain("b");
  expect(await written(ledger, script(text))).toEqual(shown);
});

test("scripts are refused in the contract's order, each reason hiding those after it", async () => {
  const ledger = await testLedger();
  await written(ledger, transaction("world > a 100 USD/2", { reference: "used" }));
  const kindOf = async (text: string, extras = {}) =>
    (await refusalOf(ledger, script(text, extras)))?.kind;
  const broken = "send [USD/2 1] (source = @a";
  const past = { timestamp: NOW - 1n, reference: "used" };
  const metadata = { k: 1 };
  const unfunded = `${send("b > c 1 USD/2")} set_tx_meta("k", 1)`;
  const free = `send [USD/2 0] (source = @a destination = @b) set_tx_meta("k", 1)`;
  const clash = `${send("a > b 1 USD/2")} set_tx_meta("k", 1)`;
  expect(await kindOf(broken, past)).toBe("past-timestamp");
  expect(await kindOf(broken, { reference: "used" })).toBe("reference-taken");
  expect(await kindOf("", { metadata })).toBe("no-script");
  expect(await kindOf(broken)).toBe("script-invalid");
  expect(await kindOf(unfunded, { variables: { x: "1" } })).toBe("script-refused");
  expect(await kindOf(unfunded, { metadata })).toBe("script-insufficient-funds");
  expect(await kindOf("fail")).toBe("script-failed");
  expect(await kindOf(free, { metadata })).toBe("script-without-postings");
  expect(await kindOf(clash, { metadata })).toBe("metadata-override");
  expect(await kindOf(clash)).toBeUndefined();
});

test("the mapping does not bind scripts", async () => {
  const ledger = await testLedger();
  const pay = "send [USD/2 5] (source = @poor allowing unbounded overdraft destination = @b)";
  await written(ledger, script(pay));
  expect(await refusalOf(ledger, transaction("poor > b 5 USD/2"))).toMatchObject({
    kind: "insufficient-funds",
  });
});

test("what another process wrote is seen", async () => {
  const one = await testLedger();
  const other = await testLedger({ db: one.db });
  await written(one, FUND);
  await written(one, script(`${send("a > b 10 USD/2")} set_account_meta(@b, "to", @c)`));
  await written(other, script(`${send("a > b 80 USD/2")} set_account_meta(@b, "to", @d)`));
  const text = `vars { account $to = meta(@b, "to") } send [USD/2 *] (source = @a destination = $to)`;
  expect((await written(one, script(text))).postings).toEqual(["a > d 10 USD/2"]);
});

test("what a script prints goes to the server's log, a preview's too, a refused script's not", async () => {
  const lines: string[] = [];
  const logger = pino({}, { write: (line) => lines.push(line) });
  const ledger = await testLedger({ logger });
  const text = `print [USD/2 1] + [USD/2 2] print "two words" ${send("world > a 1 USD/2")}`;
  await written(ledger, script(text));
  await written(ledger, script(text, { isPreview: true }));
  await refusalOf(ledger, script(`${text} ${send("b > c 1 USD/2")}`));
  const printed = ["print: USD/2 3", "print: two words"];
  const logged = lines.map((line) => JSON.parse(line));
  expect(logged.map(({ msg }) => msg)).toEqual([...printed, ...printed]);
  expect(logged[0]).toMatchObject({ ledger: "main", level: 30 });
});
