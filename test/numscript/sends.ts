import fc from "fast-check";
import type { Program } from "../../src/numscript/ast.js";
import { compile } from "../../src/numscript/compile.js";

/** A script of sends. */
export interface Send {
  readonly script: string;
  readonly program: Program;
  /** By account and asset: some are in debt. */
  readonly balances: Readonly<Record<string, bigint>>;
}

interface Tree {
  /** Makes the text; `name` names the next account. */
  readonly write: (name: () => string) => string;
}

const small = fc.bigInt(0n, 60n);
const cap = fc.bigInt(-5n, 40n);

const branch = (trees: readonly Tree[], write: (texts: readonly string[]) => string): Tree => ({
  write: (name) => write(trees.map((tree) => tree.write(name))),
});

/** Portions that add up to one, with "remaining" in one place or none. */
const portions: fc.Arbitrary<readonly string[]> = fc
  .record({
    weights: fc.array(fc.nat(5), { minLength: 1, maxLength: 4 }).filter((all) => all.some(Boolean)),
    remaining: fc.option(fc.nat(3)),
  })
  .map(({ weights, remaining }) => {
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return weights.map((weight, index) =>
      index === remaining ? "remaining" : `${weight}/${total}`,
    );
  });

const { source, destination } = fc.letrec<{
  source: Tree;
  destination: Tree;
  target: Tree;
}>((tie) => {
  const sources = fc.array(tie("source"), { minLength: 1, maxLength: 3 });
  const limit = fc.oneof(
    { weight: 4, arbitrary: fc.constant("") },
    { weight: 2, arbitrary: cap.map((most) => ` allowing overdraft up to [COIN ${most}]`) },
    { weight: 1, arbitrary: fc.constant(" allowing unbounded overdraft") },
  );
  const caps = fc.array(fc.tuple(cap, tie("target")), { minLength: 1, maxLength: 3 });
  return {
    source: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      limit.map((text): Tree => ({ write: (name) => `@${name()}${text}` })),
      fc
        .tuple(cap, tie("source"))
        .map(([most, from]) => branch([from], ([text]) => `max [COIN ${most}] from ${text}`)),
      sources.map((trees) => branch(trees, (texts) => `{ ${texts.join("\n")} }`)),
      sources.map((trees) => branch(trees, (texts) => `oneof { ${texts.join("\n")} }`)),
      portions.chain((parts) =>
        fc.tuple(...parts.map(() => tie("source"))).map((trees) =>
          branch(trees, (texts) => {
            const clauses = texts.map((text, index) => `${parts[index]} from ${text}`);
            return `{ ${clauses.join("\n")} }`;
          }),
        ),
      ),
    ),
    destination: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.constant<Tree>({ write: (name) => `@${name()}` }),
      fc.tuple(fc.constantFrom("", "oneof "), caps, tie("target")).map(([kind, capped, rest]) =>
        branch([...capped.map(([, each]) => each), rest], (texts) => {
          const clauses = capped.map(([most], index) => `max [COIN ${most}] ${texts[index]}`);
          return `${kind}{ ${clauses.join("\n")}\nremaining ${texts.at(-1)} }`;
        }),
      ),
      portions.chain((parts) =>
        fc.tuple(...parts.map(() => tie("target"))).map((trees) =>
          branch(trees, (texts) => {
            const clauses = texts.map((text, index) => `${parts[index]} ${text}`);
            return `{ ${clauses.join("\n")} }`;
          }),
        ),
      ),
    ),
    target: fc.oneof(
      { weight: 1, arbitrary: fc.constant<Tree>({ write: () => "kept" }) },
      {
        weight: 4,
        arbitrary: tie("destination").map((to) => branch([to], ([text]) => `to ${text}`)),
      },
    ),
  };
});

const balance = fc.oneof(
  { weight: 1, arbitrary: fc.bigInt(-30n, 0n) },
  { weight: 4, arbitrary: fc.bigInt(0n, 80n) },
);

const namer = (prefix: string) => {
  let count = 0;
  return () => `${prefix}${count++}`;
};

const amount = fc.oneof(
  { weight: 4, arbitrary: small.map(String) },
  { weight: 1, arbitrary: fc.constant("*") },
);

const sendText = (sent: string, from: string, to: string): string =>
  `send [COIN ${sent}] (\nsource = ${from}\ndestination = ${to}\n)`;

/** Not all there is can be sent as a whole: such scripts are left out. */
const compiled = (texts: fc.Arbitrary<Omit<Send, "program">>): fc.Arbitrary<Send> =>
  texts
    .map(({ script, balances }) => ({ script, balances, program: compile(script) }))
    .filter(({ program }) => program.ok)
    .map(({ program, ...text }) => ({ ...text, program: programOf(program) }));

function programOf(compiled: ReturnType<typeof compile>): Program {
  if (!compiled.ok) throw new Error(compiled.failure[0]?.message);
  return compiled.value;
}

/** One send, of an amount or of all there is. Its accounts all differ, so that postings tell what each part of it did. */
export const sends: fc.Arbitrary<Send> = compiled(
  fc
    .record({
      amount,
      source,
      destination,
      balances: fc.array(balance, { minLength: 30, maxLength: 30 }),
    })
    .map(({ amount: sent, source: from, destination: to, balances }) => ({
      script: sendText(sent, from.write(namer("payer")), to.write(namer("payee"))),
      balances: Object.fromEntries(balances.map((held, index) => [`payer${index} COIN`, held])),
    })),
);

/** Sends of all that a few accounts have, one after the other. */
export const sweeps: fc.Arbitrary<Send> = compiled(
  fc
    .record({ destination, balances: fc.array(balance, { minLength: 1, maxLength: 4 }) })
    .map(({ destination: to, balances }) => {
      const payers = balances.map((_, index) => `@payer${index}`);
      return {
        script: sendText("*", `{ ${payers.join(" ")} }`, to.write(namer("payee"))),
        balances: Object.fromEntries(balances.map((held, index) => [`payer${index} COIN`, held])),
      };
    }),
);

const names = ["a", "b", "c", "users:1", "world"] as const;

/** Several sends among a few accounts, with some money saved in between. */
export const journeys: fc.Arbitrary<Send> = compiled(
  fc
    .record({
      statements: fc.array(
        fc.record({
          amount,
          source,
          destination,
          saved: fc.option(fc.tuple(amount, fc.constantFrom(...names)), { freq: 3 }),
        }),
        { minLength: 1, maxLength: 4 },
      ),
      order: fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 9 }),
      balances: fc.tuple(...names.map(() => balance)),
    })
    .map(({ statements, order, balances }) => {
      let next = 0;
      const name = () => order[next++ % order.length] ?? "a";
      return {
        script: statements
          .map(({ amount: sent, source: from, destination: to, saved }) => {
            const save = saved === null ? "" : `save [COIN ${saved[0]}] from @${saved[1]}\n`;
            return `${save}${sendText(sent, from.write(name), to.write(name))}`;
          })
          .join("\n"),
        balances: Object.fromEntries(
          names.map((each, index) => [`${each} COIN`, balances[index] ?? 0n]),
        ),
      };
    }),
);
