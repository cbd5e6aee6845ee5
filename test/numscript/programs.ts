import fc from "fast-check";
import type {
  Call,
  Destination,
  Expression,
  Portion,
  Program,
  Segment,
  Sent,
  Source,
  Statement,
  Target,
  VariableDeclaration,
} from "../../src/numscript/ast.js";
import { features } from "../../src/numscript/features.js";

const start = { line: 1, column: 1 };
const span = { start, end: start };

export const accounts = ["world", "bank", "users:1", "users:2", "shop-7:till"] as const;
export const assets = ["USD", "USD/2", "COIN"] as const;

/** Every program declares these, so that any expression may use them. */
const declared = {
  account: "payer",
  asset: "unit",
  number: "count",
  monetary: "price",
  portion: "cut",
  string: "label",
} as const;

type Type = keyof typeof declared;

/** The one that ends a nested expression first. */
const types = ["string", "account", "asset", "number", "monetary", "portion"] as const;

/** Texts that the declared variables take. */
export const variableTexts: fc.Arbitrary<ReadonlyMap<string, string>> = fc
  .record({
    payer: fc.constantFrom(...accounts),
    unit: fc.constantFrom(...assets),
    count: fc.integer({ min: -3, max: 50 }).map(String),
    price: fc
      .tuple(fc.constantFrom(...assets), fc.nat(200))
      .map(([asset, amount]) => `${asset} ${amount}`),
    cut: fc.integer({ min: 0, max: 8 }).map((eighths) => `${eighths}/8`),
    label: fc.constantFrom("RED", "main", "vip client"),
  })
  .map((texts) => new Map(Object.entries(texts)));

interface Pieces {
  account: Expression;
  asset: Expression;
  number: Expression;
  monetary: Expression;
  portion: Expression;
  string: Expression;
  any: Expression;
  source: Source;
  destination: Destination;
  target: Target;
  sourceShares: (Source & { kind: "allotment" })["clauses"];
  destinationShares: (Destination & { kind: "allotment" })["clauses"];
}

const variable = (type: Type): fc.Arbitrary<Expression> =>
  fc.constant({ kind: "variable", name: declared[type], span });

function declaration(
  type: Type,
  name: string,
  origin: string,
  ...values: Expression[]
): VariableDeclaration {
  const origins: Call = { kind: "call", name: origin, arguments: values, span };
  return { type, typeSpan: span, name, span, origin: origins };
}

const accountOf = (account: string): Expression => ({ kind: "account", segments: [account], span });

const assetOf = (asset: string): Expression => ({ kind: "asset", asset, span });

const numberOf = (value: bigint): Expression => ({ kind: "number", value, span });

const segments: fc.Arbitrary<readonly Segment[]> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...accounts).map((account) => [account]) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<readonly Segment[]>(
      ["users", { variable: declared.number, span }],
      [{ variable: declared.account, span }, "fees"],
      [{ variable: declared.account, span }, { variable: declared.number, span }, "x:y"],
    ),
  },
);

const call = (name: string, ...values: fc.Arbitrary<Expression>[]): fc.Arbitrary<Call> =>
  fc.tuple(...values).map((list) => ({ kind: "call", name, arguments: list, span }));

/** Shares that add up to one, the last of them perhaps as "remaining". */
const portions: fc.Arbitrary<readonly Portion[]> = fc
  .tuple(fc.array(fc.nat(9), { minLength: 1, maxLength: 4 }), fc.boolean(), fc.boolean())
  .map(([weights, endsWithRemaining, inPercent]) => {
    const known = inPercent ? [25, 10, 12, 3].slice(0, weights.length) : weights;
    const total = inPercent ? 100 : known.reduce((sum, weight) => sum + weight, 0) + 1;
    const share = (weight: number): Expression =>
      inPercent
        ? { kind: "percentage", value: BigInt(weight) * 10n, decimals: 1, span }
        : {
            kind: "quotient",
            left: numberOf(BigInt(weight)),
            right: numberOf(BigInt(total)),
            span,
          };
    const rest = total - known.reduce((sum, weight) => sum + weight, 0);
    return [...known.map(share), endsWithRemaining ? "remaining" : share(rest)];
  });

/** Where an account or an amount is wanted, a wild program has any expression. */
const pieces = (isWild: boolean) =>
  fc.letrec<Pieces>((tieTo) => {
    const tie: fc.LetrecTypedTie<Pieces> = (key: string): fc.Arbitrary<never> =>
      tieTo(isWild && key in declared ? "any" : key) as fc.Arbitrary<never>;
    const grown = <T>(leaf: fc.Arbitrary<T>, ...others: fc.Arbitrary<T>[]): fc.Arbitrary<T> =>
      fc.oneof({ depthSize: "small", depthIdentifier: "expression" }, leaf, ...others);
    const binary = (kind: "sum" | "difference" | "quotient", of: "number" | "monetary") =>
      fc.tuple(tie(of), tie(of)).map(([left, right]): Expression => ({ kind, left, right, span }));
    const negation = (of: "number" | "monetary") =>
      tie(of).map((operand): Expression => ({ kind: "negation", operand, span }));
    const money = (asset: fc.Arbitrary<Expression>, amount: fc.Arbitrary<Expression>) =>
      fc
        .record({ asset, amount })
        .map((parts): Expression => ({ kind: "monetary", ...parts, span }));
    const nested = <T>(leaf: fc.Arbitrary<T>, ...others: fc.Arbitrary<T>[]): fc.Arbitrary<T> =>
      fc.oneof({ depthSize: "small", depthIdentifier: "clause" }, leaf, ...others);
    const capped = <T>(target: fc.Arbitrary<T>) => fc.record({ cap: tie("monetary"), target });

    return {
      account: fc.oneof(
        {
          weight: 4,
          arbitrary: segments.map(
            (each): Expression => ({ kind: "account", segments: each, span }),
          ),
        },
        { weight: 1, arbitrary: variable("account") },
      ),
      asset: grown(
        fc.constantFrom(...assets).map(assetOf),
        variable("asset"),
        call("get_asset", tie("monetary")),
      ),
      number: grown(
        fc.nat(90).map((value) => numberOf(BigInt(value))),
        variable("number"),
        binary("sum", "number"),
        binary("difference", "number"),
        negation("number"),
        call("get_amount", tie("monetary")),
      ),
      monetary: grown(
        money(
          fc.constant(assetOf("COIN")),
          fc.nat(90).map((value) => numberOf(BigInt(value))),
        ),
        money(tie("asset"), tie("number")),
        variable("monetary"),
        binary("sum", "monetary"),
        binary("difference", "monetary"),
        negation("monetary"),
        call("balance", tie("account"), tie("asset")),
        call("overdraft", tie("account"), tie("asset")),
      ),
      portion: grown(
        fc
          .record({ value: fc.bigInt(0n, 1000n), decimals: fc.integer({ min: 1, max: 4 }) })
          .map((parts): Expression => ({ kind: "percentage", ...parts, span })),
        variable("portion"),
        binary("quotient", "number"),
      ),
      string: fc.oneof(
        fc
          .constantFrom("RED", "", "owner", 'say \\"hi\\"', "é ✓ //")
          .map((text): Expression => ({ kind: "string", text, span })),
        variable("string"),
      ),
      any: fc.oneof<fc.Arbitrary<Expression>[]>(
        { depthSize: "small", depthIdentifier: "expression" },
        ...types.map((type) => tieTo(type) as fc.Arbitrary<Expression>),
      ),
      source: nested<Source>(
        fc.record({
          kind: fc.constant("account"),
          account: tie("account"),
          color: fc.option<Expression>(tie("string"), { freq: 4 }),
          overdraft: fc.oneof(
            fc.constant(null),
            fc.constant("unbounded" as const),
            tie("monetary"),
          ),
          span: fc.constant(span),
        }),
        fc.record({
          kind: fc.constant("scaling"),
          account: tie("account"),
          through: tie("account"),
          span: fc.constant(span),
        }),
        fc.record({
          kind: fc.constant("capped"),
          cap: tie("monetary"),
          from: tie("source"),
          span: fc.constant(span),
        }),
        fc.record({
          kind: fc.constant("ordered"),
          sources: fc.array(tie("source"), { maxLength: 4 }),
          span: fc.constant(span),
        }),
        fc.record({
          kind: fc.constant("oneof"),
          sources: fc.array(tie("source"), { minLength: 1, maxLength: 3 }),
          span: fc.constant(span),
        }),
        fc.record({
          kind: fc.constant("allotment"),
          clauses: tie("sourceShares"),
          span: fc.constant(span),
        }),
      ),
      sourceShares: portions.chain((list) =>
        fc.tuple(...list.map((portion) => tie("source").map((from) => ({ portion, from })))),
      ),
      destination: nested<Destination>(
        fc.record({
          kind: fc.constant("account"),
          account: tie("account"),
          span: fc.constant(span),
        }),
        fc.record({
          kind: fc.constant("allotment"),
          clauses: tie("destinationShares"),
          span: fc.constant(span),
        }),
        fc.record({
          kind: fc.constant("ordered"),
          caps: fc.array(capped(tie("target")), { minLength: 1, maxLength: 3 }),
          remaining: tie("target"),
          span: fc.constant(span),
        }),
        fc.record({
          kind: fc.constant("oneof"),
          caps: fc.array(capped(tie("target")), { maxLength: 3 }),
          remaining: tie("target"),
          span: fc.constant(span),
        }),
      ),
      destinationShares: portions.chain((list) =>
        fc.tuple(...list.map((portion) => tie("target").map((target) => ({ portion, target })))),
      ),
      target: fc.oneof(
        { weight: 1, arbitrary: fc.constant("kept" as const) },
        { weight: 4, arbitrary: tie("destination") },
      ),
    };
  });

const declarations: readonly VariableDeclaration[] = Object.entries(declared).map(
  ([type, name]) => ({ type, typeSpan: span, name, span, origin: null }),
);

function statements(isWild: boolean): fc.Arbitrary<Statement> {
  const { account, asset, monetary, string, any, source, destination } = pieces(isWild);
  const exactly = monetary.map((amount): Sent => ({ kind: "exactly", amount, span }));
  const all = asset.map((each): Sent => ({ kind: "all", asset: each, span }));
  const sent = fc.oneof({ weight: 3, arbitrary: exactly }, { weight: 1, arbitrary: all });
  const calls = fc.oneof(
    call("set_tx_meta", string, any),
    call("set_account_meta", account, string, any),
  );
  return fc.oneof<fc.MaybeWeightedArbitrary<Statement>[]>(
    {
      weight: 8,
      arbitrary: fc
        .record({ sent, source, destination })
        .map((parts): Statement => ({ kind: "send", ...parts, span })),
    },
    {
      weight: 1,
      arbitrary: fc
        .record({ sent, account })
        .map((parts): Statement => ({ kind: "save", ...parts, span })),
    },
    { weight: 2, arbitrary: calls.map((each): Statement => ({ kind: "call", call: each, span })) },
    { weight: 1, arbitrary: any.map((value): Statement => ({ kind: "print", value, span })) },
  );
}

/** Declarations whose values come from the store. */
const derived: fc.Arbitrary<readonly VariableDeclaration[]> = fc.subarray([
  declaration("monetary", "held", "balance", accountOf("bank"), assetOf("USD/2")),
  declaration("monetary", "owed", "overdraft", accountOf("users:1"), assetOf("COIN")),
  declaration("account", "owner", "meta", accountOf("shop-7:till"), {
    kind: "string",
    text: "owner",
    span,
  }),
]);

const programsOf = (isWild: boolean): fc.Arbitrary<Program> =>
  fc
    .record({
      features: fc.option(
        fc.subarray([...features]).map((names) => names.map((name) => ({ name, span }))),
      ),
      derived,
      statements: fc.array(statements(isWild), { maxLength: 4 }),
      asksForInterpreter: fc.boolean(),
    })
    .map(({ features: names, derived: more, statements: list, asksForInterpreter }) => ({
      features: names,
      variables: [...declarations, ...more],
      statements: list,
      isForInterpreter: names !== null || asksForInterpreter,
    }));

/** Programs whose types are right, so that most of them run if every feature is on. They may still be refused for their sums. */
export const programs: fc.Arbitrary<Program> = programsOf(false);

/** Programs that could be written, most of them nonsense. */
export const wildPrograms: fc.Arbitrary<Program> = programsOf(true);
