import type {
  Destination,
  Portion,
  Program,
  Sent,
  Source,
  Statement,
  Target,
  VariableDeclaration,
} from "./ast.js";
import { printExpression, printOperand } from "./printExpression.js";

/** The program as text, one clause a line. Compiled again, it is the same program but for its spans. */
export function print(program: Program): string {
  const { features, variables, statements, isForInterpreter } = program;
  const names = features?.map(({ name }) => `"${name}"`).join(", ");
  const parts = [
    ...(features === null && isForInterpreter ? ["// @version interpreter"] : []),
    ...(names === undefined ? [] : [`#![feature(${names})]`]),
    ...(variables.length === 0 ? [] : [`vars ${block("{", variables.map(printDeclaration), "}")}`]),
    ...statements.map(printStatement),
  ];
  return parts.map((part) => `${part}\n`).join("");
}

/** `lines` within signs, indented. */
const block = (open: string, lines: readonly string[], close: string): string =>
  [open, ...lines.map((line) => `  ${line.replaceAll("\n", "\n  ")}`), close].join("\n");

/** Between clauses without a separator, "-" would continue the clause before. */
const separate = (text: string): string => (text.startsWith("-") ? `(${text})` : text);

const printDeclaration = ({ type, name, origin }: VariableDeclaration): string =>
  `${type} $${name}${origin === null ? "" : ` = ${printExpression(origin)}`}`;

function printStatement(statement: Statement): string {
  switch (statement.kind) {
    case "send": {
      const source = `source = ${printSource(statement.source)}`;
      const destination = `destination = ${printDestination(statement.destination)}`;
      return `send ${printSent(statement.sent)} ${block("(", [source, destination], ")")}`;
    }
    case "save":
      return `save ${printSent(statement.sent)} from ${printExpression(statement.account)}`;
    case "call":
      return printExpression(statement.call);
    case "print":
      return `print ${printExpression(statement.value)}`;
    case "fail":
      return "fail";
  }
}

const printSent = (sent: Sent): string =>
  sent.kind === "all" ? `[${printOperand(sent.asset)} *]` : printExpression(sent.amount);

const printPortion = (portion: Portion): string =>
  portion === "remaining" ? portion : separate(printExpression(portion));

function printSource(source: Source): string {
  switch (source.kind) {
    case "account":
      return [
        separate(printExpression(source.account)),
        ...(source.color === null ? [] : [`\\ ${printExpression(source.color)}`]),
        ...printOverdraft(source.overdraft),
      ].join(" ");
    case "scaling":
      return `${separate(printExpression(source.account))} with scaling through ${printExpression(source.through)}`;
    case "capped":
      return `max ${printExpression(source.cap)} from ${printSource(source.from)}`;
    case "ordered":
    case "oneof": {
      const sources = source.sources.map(printSource);
      return block(source.kind === "oneof" ? "oneof {" : "{", sources, "}");
    }
    case "allotment": {
      const clauses = source.clauses.map(
        ({ portion, from }) => `${printPortion(portion)} from ${printSource(from)}`,
      );
      return block("{", clauses, "}");
    }
  }
}

function printOverdraft(overdraft: (Source & { kind: "account" })["overdraft"]): string[] {
  if (overdraft === null) return [];
  return overdraft === "unbounded"
    ? ["allowing unbounded overdraft"]
    : [`allowing overdraft up to ${printExpression(overdraft)}`];
}

function printDestination(destination: Destination): string {
  switch (destination.kind) {
    case "account":
      return printExpression(destination.account);
    case "allotment": {
      const clauses = destination.clauses.map(
        ({ portion, target }) => `${printPortion(portion)} ${printTarget(target)}`,
      );
      return block("{", clauses, "}");
    }
    case "ordered":
    case "oneof": {
      const caps = destination.caps.map(
        ({ cap, target }) => `max ${printExpression(cap)} ${printTarget(target)}`,
      );
      const remaining = `remaining ${printTarget(destination.remaining)}`;
      return block(destination.kind === "oneof" ? "oneof {" : "{", [...caps, remaining], "}");
    }
  }
}

const printTarget = (target: Target): string =>
  target === "kept" ? target : `to ${printDestination(target)}`;
