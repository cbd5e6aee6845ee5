import { EmbeddedActionsParser, type IToken, type ParserMethod, type TokenType } from "chevrotain";
import type { Call, Expression, Span } from "./ast.js";
import { foldOperators, type Operation } from "./foldOperators.js";
import {
  accountLiteral,
  assetLiteral,
  numberLiteral,
  percentageLiteral,
  type Report,
  spanOf,
  stringLiteral,
  variableLiteral,
} from "./literals.js";
import { messages } from "./messages.js";
import { token, vocabulary } from "./tokens.js";

/** Brackets within brackets, and whatever else makes one construct part of another. */
const MAX_NESTING = 100;
/** In one expression: `1 + 1 + 1 …` makes a tree as deep as it is long. */
const MAX_OPERATORS = 500;

/**
 * The grammar of values, and what all rules need. Classes, because Chevrotain asks for them: it runs every rule once to learn
 * the grammar, which is why what a rule does besides reading stands in ACTION.
 */
export class ValueGrammar extends EmbeddedActionsParser {
  protected readonly report: Report;
  /** Chevrotain's; its types leave it out. The end of the script is always among them. */
  declare private readonly flattenFollowSet: () => TokenType[];
  private nesting = 0;
  private valueNesting = 0;
  private operators = 0;

  constructor(report: Report) {
    super(vocabulary, {
      recoveryEnabled: true,
      maxLookahead: 1,
      errorMessageProvider: messages(report),
    });
    this.report = report;
  }

  protected readonly expression = this.rule("expression", (): Expression => {
    if (this.valueNesting === 0) this.operators = 0;
    const first = this.SUBRULE(this.operand);
    return this.SUBRULE(this.operations, { ARGS: [first] });
  });

  /** What follows the first operand of an expression. */
  protected readonly operations = this.rule("operations", (first: Expression): Expression => {
    const operations: Operation[] = [];
    this.MANY(() => {
      const kind = this.OR<Operation["kind"]>([
        { ALT: () => this.CONSUME(token.Plus) && "sum" },
        { ALT: () => this.CONSUME(token.Minus) && "difference" },
        { ALT: () => this.CONSUME(token.Slash) && "quotient" },
      ]);
      this.ACTION(() => this.countOperator());
      operations.push({ kind, operand: this.SUBRULE(this.operand) });
    });
    return this.ACTION(() => foldOperators(first, operations));
  });

  protected readonly operand = this.rule("operand", (): Expression => {
    const first = this.LA(1);
    return this.OR<Expression>({
      ERR_MSG: "a value",
      DEF: [
        this.literal(token.Variable, variableLiteral),
        this.literal(token.Account, accountLiteral),
        this.literal(token.Asset, assetLiteral),
        this.literal(token.Number, numberLiteral),
        this.literal(token.Percentage, percentageLiteral),
        this.literal(token.Text, stringLiteral),
        { ALT: () => this.nestedValue(() => this.SUBRULE(this.call)) },
        {
          ALT: () =>
            this.nestedValue(() => {
              this.CONSUME(token.BracketOpen);
              const asset = this.SUBRULE(this.operand);
              const amount = this.SUBRULE(this.expression);
              this.CONSUME(token.BracketClose);
              return { kind: "monetary", asset, amount, span: this.since(first) };
            }),
        },
        {
          ALT: () =>
            this.nestedValue(() => {
              this.CONSUME(token.ParenthesisOpen);
              const inner = this.SUBRULE1(this.expression);
              this.CONSUME(token.ParenthesisClose);
              return inner;
            }),
        },
        {
          ALT: () =>
            this.nestedValue(() => {
              this.CONSUME(token.Minus);
              const operand = this.SUBRULE1(this.operand);
              return { kind: "negation", operand, span: this.since(first) };
            }),
        },
      ],
    });
  });

  protected readonly call = this.rule("call", (): Call => {
    const values: Expression[] = [];
    const name = this.OR([
      { ALT: () => this.CONSUME(token.FunctionName) },
      { ALT: () => this.CONSUME(token.Overdraft) },
    ]);
    this.CONSUME(token.ParenthesisOpen);
    this.MANY_SEP({
      SEP: token.Comma,
      DEF: () => values.push(this.SUBRULE(this.expression)),
    });
    this.CONSUME(token.ParenthesisClose);
    return { kind: "call", name: name.image, arguments: values, span: this.since(name) };
  });

  /** A rule that leaves an error to the rule around it, as all do that may be nested. */
  protected rule<A extends unknown[], R>(
    name: string,
    read: (...given: A) => R,
  ): ParserMethod<A, R> {
    return this.RULE(name, read, { resyncEnabled: false });
  }

  private literal(type: TokenType, make: (token: IToken, report: Report) => Expression) {
    return {
      ALT: () => {
        const literal = this.CONSUME(type);
        return this.ACTION(() => make(literal, this.report));
      },
    };
  }

  /**
   * The type of the next token behind which some rule could go on. Stands for Chevrotain's own, which compares each token that
   * it skips with every candidate of every open rule: too slow for a script that is long and deep.
   */
  findReSyncTokenType(): TokenType {
    const candidates = new Set(this.flattenFollowSet());
    let ahead = 1;
    while (!candidates.has(this.LA(ahead).tokenType)) ahead++;
    return this.LA(ahead).tokenType;
  }

  /** Called by rules that go on after an error, which may have left the counters anywhere. Answers the number of errors. */
  protected begin(): number {
    this.nesting = 0;
    this.valueNesting = 0;
    this.operators = 0;
    return this.errors.length;
  }

  protected nested<T>(parse: () => T): T {
    if (++this.nesting > MAX_NESTING) {
      this.refuse(`more than ${MAX_NESTING} constructs within each other`);
    }
    const value = parse();
    this.nesting--;
    return value;
  }

  private nestedValue(parse: () => Expression): Expression {
    this.valueNesting++;
    const value = this.nested(parse);
    this.valueNesting--;
    return value;
  }

  private countOperator(): void {
    if (++this.operators > MAX_OPERATORS) {
      this.refuse(`more than ${MAX_OPERATORS} operators in one expression`);
    }
  }

  private refuse(message: string): void {
    this.report({ kind: "limit-exceeded", message, span: spanOf(this.LA(0)) });
  }

  /** From `first` to the last token read. */
  protected since(first: IToken): Span {
    return spanOf(first, this.LA(0));
  }

  protected sinceNode(first: { readonly span: Span }): Span {
    return this.ACTION(() => ({ start: first.span.start, end: spanOf(this.LA(0)).end }));
  }
}
