import { expect, test } from "vitest";
import { compile } from "../../src/numscript/compile.js";
import type { Needs, Store } from "../../src/numscript/input.js";
import { run } from "../../src/numscript/run.js";
import { inputOf, storeOf } from "./books.js";

/** What `script` asks for if `store` is all that is loaded. */
function needsOf(script: string, store: Partial<Store> = {}, variables = {}): Needs {
  const program = compile(script);
  if (!program.ok) throw new Error(program.failure[0]?.message);
  const nothing = () => undefined;
  const empty = { balance: nothing, balances: nothing, metadata: nothing };
  const ended = run(program.value, inputOf({ variables }, { ...empty, ...store }));
  if (ended.kind !== "needs") throw new Error(`asks for nothing: ${ended.kind}`);
  return ended.needs;
}

const texts = (rows: Needs["balances"]): string[] =>
  rows.map(({ account, asset }) => `${account} ${asset}`).sort();

test("all balances are asked for at once, and none of those without end", () => {
  const { balances, destinations } = needsOf(`
    vars { monetary $all = balance(@bank, COIN) }
    save [GEM 1] from @vault
    send [COIN 5] (
      source = { max [COIN 2] from @a @b allowing overdraft up to [COIN 1] @world }
      destination = @x
    )
    send [COIN 1] (
      source = oneof { @c \\ "RED" @d allowing unbounded overdraft }
      destination = { 1/2 to @y remaining kept }
    )
    send [GEM 1] (source = { 1/2 from @e 1/2 from @a } destination = @z)`);
  expect(texts(balances)).toEqual([
    "a COIN",
    "a GEM",
    "b COIN",
    "bank COIN",
    "c COIN_RED",
    "e GEM",
    "vault GEM",
  ]);
  expect(texts(destinations)).toEqual(
    ["a COIN", "b COIN", "world COIN", "x COIN", "c COIN_RED", "d COIN", "y COIN", "y COIN_RED"]
      .concat(["e GEM", "a GEM", "z GEM"])
      .sort(),
  );
});

test("what depends on metadata waits for it, and the rest does not", () => {
  const script = `vars {
      account $seller = meta(@sale, "seller")
      account $agent = meta(@office, "agent")
      portion $cut = meta($seller, "cut")
    }
    send [COIN 5] (source = { $seller @a } destination = { $cut to $agent remaining to @x })`;
  const first = needsOf(script);
  expect(first.metadata).toEqual(["sale", "office"]);
  expect(texts(first.balances)).toEqual(["a COIN"]);
  const stored = { sale: { seller: "s" }, office: { agent: "g" } } as Record<string, object>;
  const second = needsOf(script, { metadata: (account) => stored[account] as never });
  expect(second.metadata).toEqual(["s"]);
  expect(texts(second.balances)).toEqual(["a COIN", "s COIN"]);
});

test("balances that are read on the way are asked for with the others", () => {
  const { balances } = needsOf(`
    send [COIN 5] (
      source = max balance(@cap, COIN) from @a allowing overdraft up to overdraft(@limit, COIN)
      destination = { max balance(@most, COIN) to @x remaining to @y }
    )
    set_tx_meta("rest", balance(@rest, COIN))
    print balance(@printed, COIN)`);
  expect(texts(balances)).toEqual([
    "a COIN",
    "cap COIN",
    "limit COIN",
    "most COIN",
    "printed COIN",
    "rest COIN",
  ]);
});

test("scaling asks for all scales of the account", () => {
  const script = "send [USD/2 5] (source = @a with scaling through @fx destination = @x)";
  const { balances, scales } = needsOf(script);
  expect(scales).toEqual([{ account: "a", base: "USD" }]);
  expect(texts(balances)).toEqual(["a USD/2"]);
  const held = storeOf({ balances: { "a USD": 5n, "a USD/3": 2n } });
  const { destinations } = needsOf(script, { balances: held.balances });
  expect(texts(destinations)).toEqual([
    ...["a USD", "a USD/2", "a USD/3", "fx USD", "fx USD/2", "fx USD/3"],
    "x USD",
    "x USD/2",
    "x USD/3",
  ]);
});

test("nothing is refused for what may be otherwise once all is loaded", () => {
  const script = `vars { account $a = meta(@x, "k") monetary $m = balance($a, COIN) }
    fail`;
  expect(needsOf(script).metadata).toEqual(["x"]);
});

test("what is wrong whatever the ledger holds is refused without a load", () => {
  const script = 'vars { number $n account $a = meta(@x, "k") } print $n';
  expect(() => needsOf(script, {}, { n: "one" })).toThrow("asks for nothing: refused");
});
