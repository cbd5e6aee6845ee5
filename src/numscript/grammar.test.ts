import { expect, test } from "vitest";
import { compile } from "./compile.js";
import { print } from "./print.js";

/** The canonical text of `script`, which is to have no problem. */
function canonical(script: string): string {
  const compiled = compile(script);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.failure));
  return print(compiled.value);
}

/** The canonical text of one value. */
const value = (text: string) => canonical(`print ${text}`).slice("print ".length, -1);

test("an empty script is a script, and so is one of comments", () => {
  for (const script of ["", " \t\r\n", "// no line break", "/* a /* b */ c */", "vars {}"]) {
    expect(canonical(script)).toBe("");
  }
});

test("source and destination stand in either order, and line breaks anywhere", () => {
  const text = "send [USD/2 100] (\n  source = @a\n  destination = @b\n)\n";
  expect(canonical("send[USD/2 100](source=@a destination=@b)")).toBe(text);
  expect(canonical("send [\nUSD/2\n100 ]\n(destination = @b // to\r\nsource\n=\n@a )")).toBe(text);
  expect(canonical(text)).toBe(text);
});

test("operators bind as in arithmetic, and to the left", () => {
  expect(value("1 - (2 - 3) - 4")).toBe("1 - (2 - 3) - 4");
  expect(value("(1 - 2) - 3")).toBe("1 - 2 - 3");
  expect(value("1 / 4")).toBe("1/4");
  expect(value("(1 + 2) / (3 - 1)")).toBe("(1 + 2) / (3 - 1)");
  expect(value("- -3 - -(1 + 2)")).toBe("--3 - -(1 + 2)");
  expect(value("-1/2")).toBe("-1 / 2");
});

test("the asset of an amount ends before the amount's sign", () => {
  expect(value("[EUR/2 -5]")).toBe("[EUR/2 -5]");
  expect(value("[EUR/2 1 + 2] - [EUR/2 3]")).toBe("[EUR/2 1 + 2] - [EUR/2 3]");
});

test("numbers and percentages are exact, however they are written", () => {
  expect(value("1_000_000")).toBe("1000000");
  expect(value("123456789012345678901234567890")).toBe("123456789012345678901234567890");
  expect(value("12.50%")).toBe("12.50%");
  expect(value("0.05%")).toBe("0.05%");
});

test("a string keeps the backslash before a quote", () => {
  expect(value('"say \\"hi\\" // é"')).toBe('"say \\"hi\\" // é"');
});

test("names, assets and accounts are as long as they can be", () => {
  expect(value("@users:0f-_A:1")).toBe("@users:0f-_A:1");
  expect(value("COIN1/18")).toBe("COIN1/18");
  expect(value("USD_RED/2")).toBe("USD_RED/2");
  expect(canonical("vars { number $source account $max_1 } print @a:$max_1:$source:b:c")).toBe(
    "vars {\n  number $source\n  account $max_1\n}\nprint @a:$max_1:$source:b:c\n",
  );
});

test("sources of every form", () => {
  expect(
    canonical(`send [USD 9] (
      source = {
        max [USD 1] from { @a @b \\ "RED" allowing overdraft up to [USD 2] }
        @c with scaling through @d
        oneof { @e {} }
        { remaining from @f 1/2 from @g }
        @h allowing unbounded overdraft
      }
      destination = @z
    )`),
  ).toBe(`send [USD 9] (
  source = {
    max [USD 1] from {
      @a
      @b \\ "RED" allowing overdraft up to [USD 2]
    }
    @c with scaling through @d
    oneof {
      @e
      {
      }
    }
    {
      remaining from @f
      1/2 from @g
    }
    @h allowing unbounded overdraft
  }
  destination = @z
)
`);
});

test("destinations of every form", () => {
  const text = `send [USD *] (
  source = @a
  destination = {
    12.5% to @b
    1/4 kept
    remaining to {
      max [USD 1] to @c
      max [USD 2] kept
      remaining to oneof {
        remaining to {
          remaining kept
        }
      }
    }
  }
)
`;
  expect(canonical(text.replaceAll("\n", " "))).toBe(text);
});

test("statements of every form, and what comes before them", () => {
  const text = `#![feature("experimental-oneof", "experimental-asset-colors")]
vars {
  account $sale
  portion $cut = meta($sale, "cut")
  monetary $debt = overdraft(@a, USD)
}
save [USD *] from @a
save [USD 5] from $sale
set_tx_meta("cut", $cut)
set_account_meta($sale, "debt", $debt + [USD 1])
print balance(@a, USD)
fail
`;
  expect(canonical(text.replaceAll("\n", " "))).toBe(text);
});

test("kept money goes the interpreter's way where a script asks for that", () => {
  const asks = (script: string) => {
    const compiled = compile(script);
    return compiled.ok && compiled.value.isForInterpreter;
  };
  expect(asks("fail // @version interpreter 0.0.15")).toBe(true);
  expect(asks("//@version interpreter\nfail")).toBe(true);
  expect(asks("#![feature()] fail")).toBe(true);
  expect(asks("fail // @version machine")).toBe(false);
  expect(asks("fail // not the @version interpreter")).toBe(false);
  expect(asks("/* @version interpreter */ fail")).toBe(false);
});

test("every node knows where it stands", () => {
  const compiled = compile('print 1 +\n  "é"\n\r\nprint @a:$b');
  expect(compiled.ok ? [] : compiled.failure.map(({ span }) => span)).toEqual([
    { start: { line: 2, column: 3 }, end: { line: 2, column: 6 } },
    { start: { line: 4, column: 10 }, end: { line: 4, column: 12 } },
  ]);
});
