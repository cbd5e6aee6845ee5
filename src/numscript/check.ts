import type { Destination, Sent, Source, Statement, Target, VariableDeclaration } from "./ast.js";
import { checkEmptied, checkPortions } from "./checkAllotment.js";
import {
  checkArguments,
  checkIs,
  reportFunction,
  reportType,
  type Scope,
  typeOf,
} from "./checkExpression.js";
import { isFeature } from "./features.js";
import type { Draft } from "./grammar.js";
import { isType } from "./parseValue.js";
import type { ScriptProblem } from "./problem.js";
import { metaSignature, statementSignatures } from "./signatures.js";

/** What is certain to go wrong, known without values and balances. Features that are off are not: the caller has a say. */
export function check(draft: Draft): ScriptProblem[] {
  const problems: ScriptProblem[] = [];
  const scope: Scope = {
    variables: new Map(),
    knowsAllVariables: draft.knowsAllVariables,
    report: (problem) => problems.push(problem),
  };
  for (const { name, span } of draft.features ?? []) {
    if (isFeature(name)) continue;
    scope.report({ kind: "invalid-feature", message: "there is no such feature", span });
  }
  for (const declaration of draft.variables) checkDeclaration(scope, declaration);
  for (const statement of draft.statements) checkStatement(scope, statement);
  return problems;
}

/** Its own origin does not know the variable yet. */
function checkDeclaration(scope: Scope, declaration: VariableDeclaration): void {
  const { name, type, typeSpan, span, origin } = declaration;
  const declared = isType(type) ? type : null;
  if (declared === null) {
    const message =
      "there is no such type: it is account, asset, monetary, number, portion or string";
    scope.report({ kind: "invalid-type", message, span: typeSpan });
  }
  if (origin?.kind === "call" && origin.name === "meta") {
    checkArguments(scope, origin, metaSignature);
  } else if (origin !== null) {
    const found = typeOf(scope, origin);
    if (declared !== null && found !== null && found !== declared) {
      reportType(scope, { expected: declared, found, span: origin.span });
    }
  }
  if (scope.variables.has(name)) {
    scope.report({ kind: "duplicate-variable", message: `$${name} is declared already`, span });
  }
  scope.variables.set(name, declared);
}

function checkStatement(scope: Scope, statement: Statement): void {
  switch (statement.kind) {
    case "send":
      checkSent(scope, statement.sent);
      checkSource(scope, statement.source);
      if (statement.sent.kind === "all") checkEmptied(scope, statement.source);
      checkDestination(scope, statement.destination);
      return;
    case "save":
      checkSent(scope, statement.sent);
      checkIs(scope, statement.account, "account");
      return;
    case "call": {
      const signature = statementSignatures.get(statement.call.name);
      if (signature === undefined) {
        reportFunction(scope, statement.call, "is not a function that can be a statement");
      } else {
        checkArguments(scope, statement.call, signature);
      }
      return;
    }
    case "print":
      checkIs(scope, statement.value, "any");
      return;
    case "fail":
      return;
  }
}

function checkSent(scope: Scope, sent: Sent): void {
  if (sent.kind === "all") checkIs(scope, sent.asset, "asset");
  else checkIs(scope, sent.amount, "monetary");
}

function checkSource(scope: Scope, source: Source): void {
  switch (source.kind) {
    case "account":
      checkIs(scope, source.account, "account");
      if (source.color !== null) checkIs(scope, source.color, "string");
      if (source.overdraft !== null && source.overdraft !== "unbounded") {
        checkIs(scope, source.overdraft, "monetary");
      }
      return;
    case "scaling":
      checkIs(scope, source.account, "account");
      checkIs(scope, source.through, "account");
      return;
    case "capped":
      checkIs(scope, source.cap, "monetary");
      checkSource(scope, source.from);
      return;
    case "ordered":
    case "oneof":
      for (const each of source.sources) checkSource(scope, each);
      return;
    case "allotment":
      checkPortions(
        scope,
        source.clauses.map(({ portion }) => portion),
        source.span,
      );
      for (const { from } of source.clauses) checkSource(scope, from);
      return;
  }
}

function checkDestination(scope: Scope, destination: Destination): void {
  switch (destination.kind) {
    case "account":
      checkIs(scope, destination.account, "account");
      return;
    case "allotment":
      checkPortions(
        scope,
        destination.clauses.map(({ portion }) => portion),
        destination.span,
      );
      for (const { target } of destination.clauses) checkTarget(scope, target);
      return;
    case "ordered":
    case "oneof":
      for (const { cap, target } of destination.caps) {
        checkIs(scope, cap, "monetary");
        checkTarget(scope, target);
      }
      checkTarget(scope, destination.remaining);
      return;
  }
}

function checkTarget(scope: Scope, target: Target): void {
  if (target !== "kept") checkDestination(scope, target);
}
