import type { Destination, Expression, Portion, Source, Target } from "./ast.js";
import { token } from "./tokens.js";
import { ValueGrammar } from "./valueGrammar.js";

type SourceShare = (Source & { kind: "allotment" })["clauses"][number];
type DestinationShare = (Destination & { kind: "allotment" })["clauses"][number];
type Caps = Pick<Destination & { kind: "oneof" }, "caps" | "remaining">;

/** The grammar of where money comes from and where it goes. */
export class ClauseGrammar extends ValueGrammar {
  protected readonly source = this.rule("source", (): Source => {
    const first = this.LA(1);
    return this.nested(() =>
      this.OR({
        ERR_MSG: "a source",
        DEF: [
          {
            ALT: () => {
              this.CONSUME(token.Max);
              const cap = this.SUBRULE(this.expression);
              this.CONSUME(token.From);
              const from = this.SUBRULE(this.source);
              return { kind: "capped", cap, from, span: this.since(first) };
            },
          },
          {
            ALT: () => {
              const sources: Source[] = [];
              this.CONSUME(token.Oneof);
              this.CONSUME(token.BraceOpen);
              this.AT_LEAST_ONE({
                ERR_MSG: "a source",
                DEF: () => sources.push(this.SUBRULE1(this.source)),
              });
              this.CONSUME(token.BraceClose);
              return { kind: "oneof", sources, span: this.since(first) };
            },
          },
          { ALT: () => this.SUBRULE(this.sources) },
          {
            ALT: () => {
              const account = this.SUBRULE1(this.expression);
              return this.SUBRULE(this.account, { ARGS: [account] });
            },
          },
        ],
      }),
    );
  });

  /** What follows the account in a source. */
  protected readonly account = this.rule(
    "account",
    (account: Expression): Source =>
      this.OR([
        {
          ALT: (): Source => {
            this.CONSUME(token.With);
            this.CONSUME(token.Scaling);
            this.CONSUME(token.Through);
            const through = this.SUBRULE(this.expression);
            return { kind: "scaling", account, through, span: this.sinceNode(account) };
          },
        },
        {
          ALT: (): Source => {
            let color: Expression | null = null;
            let overdraft: Expression | "unbounded" | null = null;
            this.OPTION(() => {
              this.CONSUME(token.Backslash);
              color = this.SUBRULE1(this.expression);
            });
            this.OPTION1(() => {
              this.CONSUME(token.Allowing);
              overdraft = this.OR1<Expression | "unbounded">({
                ERR_MSG: '"unbounded overdraft" or "overdraft up to" after "allowing"',
                DEF: [
                  {
                    ALT: () => {
                      this.CONSUME(token.Unbounded);
                      this.CONSUME(token.Overdraft);
                      return "unbounded";
                    },
                  },
                  {
                    ALT: () => {
                      this.CONSUME1(token.Overdraft);
                      this.CONSUME(token.Up);
                      this.CONSUME(token.To);
                      return this.SUBRULE2(this.expression);
                    },
                  },
                ],
              });
            });
            return { kind: "account", account, color, overdraft, span: this.sinceNode(account) };
          },
        },
      ]),
  );

  /** Sources in braces: an allotment if "from" follows the first expression, else in order. */
  protected readonly sources = this.rule("sources", (): Source => {
    const ordered: Source[] = [];
    const clauses: SourceShare[] = [];
    const first = this.CONSUME(token.BraceOpen);
    const isAllotment = this.OR([
      {
        ALT: () => {
          this.CONSUME(token.Remaining);
          this.CONSUME(token.From);
          clauses.push({ portion: "remaining", from: this.SUBRULE(this.source) });
          this.MANY(() => clauses.push(this.SUBRULE(this.sourceShare)));
          return true;
        },
      },
      {
        ALT: () => {
          const head = this.SUBRULE(this.expression);
          return this.OR1([
            {
              ALT: () => {
                this.CONSUME1(token.From);
                clauses.push({ portion: head, from: this.SUBRULE1(this.source) });
                this.MANY1(() => clauses.push(this.SUBRULE1(this.sourceShare)));
                return true;
              },
            },
            {
              ALT: () => {
                ordered.push(this.SUBRULE(this.account, { ARGS: [head] }));
                this.MANY2(() => ordered.push(this.SUBRULE2(this.source)));
                return false;
              },
            },
          ]);
        },
      },
      {
        ALT: () => {
          this.MANY3(() => ordered.push(this.SUBRULE3(this.source)));
          return false;
        },
        IGNORE_AMBIGUITIES: true,
      },
    ]);
    this.CONSUME(token.BraceClose);
    const span = this.since(first);
    return isAllotment
      ? { kind: "allotment", clauses, span }
      : { kind: "ordered", sources: ordered, span };
  });

  protected readonly sourceShare = this.rule("sourceShare", (): SourceShare => {
    const portion = this.SUBRULE(this.portion);
    this.CONSUME(token.From);
    return { portion, from: this.SUBRULE(this.source) };
  });

  protected readonly portion = this.rule(
    "portion",
    (): Portion =>
      this.OR<Portion>({
        ERR_MSG: 'a portion or "remaining"',
        DEF: [
          {
            ALT: () => {
              this.CONSUME(token.Remaining);
              return "remaining";
            },
          },
          { ALT: () => this.SUBRULE(this.expression) },
        ],
      }),
  );

  protected readonly destination = this.rule("destination", (): Destination => {
    const first = this.LA(1);
    return this.nested(() =>
      this.OR<Destination>({
        ERR_MSG: "a destination",
        DEF: [
          {
            ALT: () => {
              this.CONSUME(token.Oneof);
              this.CONSUME(token.BraceOpen);
              const caps = this.SUBRULE(this.caps);
              this.CONSUME(token.BraceClose);
              return { kind: "oneof", ...caps, span: this.since(first) };
            },
          },
          { ALT: () => this.SUBRULE(this.destinations) },
          {
            ALT: () => {
              const account = this.SUBRULE(this.expression);
              return { kind: "account", account, span: account.span };
            },
          },
        ],
      }),
    );
  });

  /** Destinations in braces: in order if the first word is "max", else an allotment. */
  protected readonly destinations = this.rule("destinations", (): Destination => {
    const first = this.CONSUME(token.BraceOpen);
    const body = this.OR<
      { kind: "allotment"; clauses: DestinationShare[] } | ({ kind: "ordered" } & Caps)
    >({
      ERR_MSG: 'a portion, "remaining" or "max"',
      DEF: [
        {
          GATE: () => this.LA(1).tokenType === token.Max,
          ALT: () => ({ kind: "ordered", ...this.SUBRULE(this.caps) }),
          IGNORE_AMBIGUITIES: true,
        },
        {
          ALT: () => {
            const clauses: DestinationShare[] = [];
            this.AT_LEAST_ONE({
              ERR_MSG: 'a portion or "remaining"',
              DEF: () => clauses.push(this.SUBRULE(this.destinationShare)),
            });
            return { kind: "allotment", clauses };
          },
        },
      ],
    });
    this.CONSUME(token.BraceClose);
    return { ...body, span: this.since(first) };
  });

  protected readonly destinationShare = this.rule(
    "destinationShare",
    (): DestinationShare => ({
      portion: this.SUBRULE(this.portion),
      target: this.SUBRULE(this.target),
    }),
  );

  protected readonly caps = this.rule("caps", (): Caps => {
    const caps: { cap: Expression; target: Target }[] = [];
    this.MANY(() => {
      this.CONSUME(token.Max);
      caps.push({ cap: this.SUBRULE(this.expression), target: this.SUBRULE(this.target) });
    });
    this.CONSUME(token.Remaining);
    return { caps, remaining: this.SUBRULE1(this.target) };
  });

  protected readonly target = this.rule(
    "target",
    (): Target =>
      this.OR<Target>({
        ERR_MSG: '"to" or "kept"',
        DEF: [
          {
            ALT: () => {
              this.CONSUME(token.To);
              return this.SUBRULE(this.destination);
            },
          },
          {
            ALT: () => {
              this.CONSUME(token.Kept);
              return "kept";
            },
          },
        ],
      }),
  );
}
