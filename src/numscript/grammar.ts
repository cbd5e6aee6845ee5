import type {
  Destination,
  Expression,
  FeatureName,
  Sent,
  Source,
  Statement,
  VariableDeclaration,
} from "./ast.js";
import { ClauseGrammar } from "./clauseGrammar.js";
import { type Report, spanOf, stringText, variableName } from "./literals.js";
import { token } from "./tokens.js";

/** What could be read. A statement or declaration with an error in it is left out. */
export interface Draft {
  readonly features: readonly FeatureName[] | null;
  readonly variables: readonly VariableDeclaration[];
  /** False if some declarations could not be read. */
  readonly knowsAllVariables: boolean;
  readonly statements: readonly Statement[];
}

interface Unfinished extends Draft {
  features: readonly FeatureName[] | null;
  variables: readonly VariableDeclaration[];
  knowsAllVariables: boolean;
  readonly statements: Statement[];
}

const begin = (): Unfinished => ({
  features: null,
  variables: [],
  knowsAllVariables: false,
  statements: [],
});

/**
 * The grammar of scripts; one instance reads them all. After an error, reading goes on at the next clause, declaration or
 * statement, and the rule that met it returns undefined.
 */
export class Grammar extends ClauseGrammar {
  constructor(report: Report) {
    super(report);
    this.performSelfAnalysis();
  }

  /** What was read so far. */
  private draft = begin();

  readonly script = this.RULE(
    "script",
    (): Draft => {
      const draft = begin();
      this.draft = draft;
      this.OPTION(() => {
        draft.features = this.SUBRULE(this.features) ?? null;
      });
      const errorsBefore = this.ACTION(() => this.errors.length);
      this.OPTION1(() => {
        draft.variables = this.SUBRULE(this.variables) ?? [];
      });
      draft.knowsAllVariables = this.ACTION(() => this.errors.length === errorsBefore);
      this.MANY(() => {
        const statement = this.SUBRULE(this.statement);
        if (statement !== undefined) draft.statements.push(statement);
      });
      return draft;
    },
    // A script that breaks off in the middle of a statement.
    { recoveryValueFunc: () => this.draft },
  );

  private readonly features = this.RULE("features", (): FeatureName[] | undefined => {
    const names: FeatureName[] = [];
    this.CONSUME(token.FeatureSign);
    this.CONSUME(token.BracketOpen);
    this.CONSUME(token.Feature);
    this.CONSUME(token.ParenthesisOpen);
    this.MANY_SEP({
      SEP: token.Comma,
      DEF: () => {
        const text = this.CONSUME(token.Text);
        this.ACTION(() => names.push({ name: stringText(text, this.report), span: spanOf(text) }));
      },
    });
    this.CONSUME(token.ParenthesisClose);
    this.CONSUME(token.BracketClose);
    return names;
  });

  private readonly variables = this.RULE("variables", (): VariableDeclaration[] | undefined => {
    const declarations: VariableDeclaration[] = [];
    this.CONSUME(token.Vars);
    this.CONSUME(token.BraceOpen);
    this.MANY(() => {
      const declaration = this.SUBRULE(this.declaration);
      if (declaration !== undefined) declarations.push(declaration);
    });
    this.CONSUME(token.BraceClose);
    return declarations;
  });

  private readonly declaration = this.RULE("declaration", (): VariableDeclaration | undefined => {
    const errorsBefore = this.begin();
    let origin: Expression | null = null;
    const type = this.CONSUME(token.Identifier);
    const variable = this.OR({
      ERR_MSG: "a variable",
      DEF: [
        { ALT: () => this.CONSUME(token.Variable) },
        { ALT: () => this.CONSUME1(token.Identifier) },
      ],
    });
    this.OPTION(() => {
      this.CONSUME(token.Equals);
      origin = this.SUBRULE(this.expression);
    });
    return this.ACTION(() =>
      this.errors.length > errorsBefore
        ? undefined
        : {
            type: type.image,
            typeSpan: spanOf(type),
            name: variableName(variable, this.report),
            span: spanOf(variable),
            origin,
          },
    );
  });

  private readonly statement = this.RULE("statement", (): Statement | undefined => {
    const errorsBefore = this.begin();
    const statement = this.OR([
      { ALT: () => this.SUBRULE(this.send) },
      { ALT: () => this.SUBRULE(this.save) },
      { ALT: () => this.SUBRULE(this.print) },
      { ALT: () => this.SUBRULE(this.fail) },
      { ALT: () => this.SUBRULE(this.callStatement) },
    ]);
    return this.ACTION(() => (this.errors.length > errorsBefore ? undefined : statement));
  });

  private readonly send = this.rule("send", (): Statement | undefined => {
    let source: Source | undefined;
    let destination: Destination | undefined;
    const first = this.CONSUME(token.Send);
    const sent = this.SUBRULE(this.sent);
    this.CONSUME(token.ParenthesisOpen);
    this.OR({
      ERR_MSG: '"source =" or "destination =" in a send',
      DEF: [
        {
          ALT: () => {
            source = this.SUBRULE(this.sourceClause);
            destination = this.SUBRULE(this.destinationClause);
          },
        },
        {
          ALT: () => {
            destination = this.SUBRULE1(this.destinationClause);
            source = this.SUBRULE1(this.sourceClause);
          },
        },
      ],
    });
    this.CONSUME(token.ParenthesisClose);
    return sent === undefined || source === undefined || destination === undefined
      ? undefined
      : { kind: "send", sent, source, destination, span: this.since(first) };
  });

  private readonly sourceClause = this.RULE("sourceClause", (): Source | undefined => {
    this.begin();
    this.CONSUME(token.Source);
    this.CONSUME(token.Equals);
    return this.SUBRULE(this.source);
  });

  private readonly destinationClause = this.RULE(
    "destinationClause",
    (): Destination | undefined => {
      this.begin();
      this.CONSUME(token.Destination);
      this.CONSUME(token.Equals);
      return this.SUBRULE(this.destination);
    },
  );

  private readonly save = this.rule("save", (): Statement | undefined => {
    const first = this.CONSUME(token.Save);
    const sent = this.SUBRULE(this.sent);
    this.CONSUME(token.From);
    const account = this.SUBRULE(this.expression);
    return sent && { kind: "save", sent, account, span: this.since(first) };
  });

  private readonly print = this.rule("print", (): Statement => {
    const first = this.CONSUME(token.Print);
    const value = this.SUBRULE(this.expression);
    return { kind: "print", value, span: this.since(first) };
  });

  private readonly fail = this.rule("fail", (): Statement => {
    const first = this.CONSUME(token.Fail);
    return { kind: "fail", span: this.since(first) };
  });

  private readonly callStatement = this.rule("callStatement", (): Statement => {
    const call = this.SUBRULE(this.call);
    return { kind: "call", call, span: call.span };
  });

  private readonly sent = this.RULE("sent", (): Sent | undefined => {
    this.begin();
    const first = this.LA(1);
    return this.OR({
      ERR_MSG: "an amount of money such as [USD/2 100]",
      DEF: [
        {
          ALT: () => {
            this.CONSUME(token.BracketOpen);
            const asset = this.SUBRULE(this.operand);
            return this.OR1({
              ERR_MSG: 'an amount or "*"',
              DEF: [
                {
                  ALT: (): Sent => {
                    this.CONSUME(token.Star);
                    this.CONSUME(token.BracketClose);
                    return { kind: "all", asset, span: this.since(first) };
                  },
                },
                {
                  ALT: (): Sent => {
                    const amount = this.SUBRULE(this.expression);
                    this.CONSUME1(token.BracketClose);
                    const money = { kind: "monetary", asset, amount, span: this.since(first) };
                    const sent = this.SUBRULE(this.operations, { ARGS: [money as Expression] });
                    return { kind: "exactly", amount: sent, span: this.since(first) };
                  },
                },
              ],
            });
          },
        },
        {
          ALT: (): Sent => {
            const amount = this.SUBRULE1(this.expression);
            return { kind: "exactly", amount, span: this.since(first) };
          },
          IGNORE_AMBIGUITIES: true,
        },
      ],
    });
  });
}
