import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const PAGES = [
  "README.md",
  "sdk/README.md",
  ...readdirSync("docs", { recursive: true, encoding: "utf8" })
    .filter((page) => page.endsWith(".md"))
    .map((page) => `docs/${page}`),
];

const NEEDS_GO = "needs Go and its modules; was run as it stands";
const NEEDS_PYTHON = "needs packages of Python; was run as it stands";

/** Code that no test runs as a reader would, by page and first line, and why. Drawings and outputs have no language. */
const NOT_RUN: Readonly<Record<string, string>> = {
  "README.md: $ npm start": "a recording; its commands are those of the blocks that are run",
  "README.md: npm start": "test/start.test.ts does, in a fresh clone",
  "README.md: npm test": "would be this very run",
  "README.md: curl -sN http://localhost:8080/api/ledger/main/logs/watch":
    "never ends; test/ledger/watchLogs.test.ts reads that stream",
  "README.md: curl -s http://localhost:8080/api/payments/connectors/DU":
    "never ends; test/payments/lifecycle.test.ts installs the same",
  "sdk/README.md: // login.js": "test/clients runs it in Chromium, as a web app",
  "sdk/README.md: // main.js": "test/clients runs it in Chromium, as a web app",
  'sdk/README.md: import { createFlorin } from "@florin/sdk";': "test/clients runs it in Node",
  "sdk/README.md: import type { Transaction } from ":
    "only a type; test/clients compiles such imports",
  "docs/clients/go.md: go mod init": NEEDS_GO,
  "docs/clients/go.md: version: v2": NEEDS_GO,
  'docs/clients/go.md: PATH="$PATH': NEEDS_GO,
  "docs/clients/go.md: package main": NEEDS_GO,
  "docs/clients/go.md: go mod tidy": NEEDS_GO,
  "docs/clients/go.md: grpcurl": "needs grpcurl; test/clients/fromReflection.ts asks the same",
  "docs/clients/python.md: python3 -m venv": NEEDS_PYTHON,
  'docs/clients/python.md: """The connection': NEEDS_PYTHON,
  "docs/clients/python.md: import time": NEEDS_PYTHON,
  "docs/clients/python.md: export FLORIN_URL": NEEDS_PYTHON,
  'docs/auth.md: {"level":30,"audit":true,"what":"AuthService/DeleteC': "a line of the log",
  "docs/events.md: {": "a message; test/events/endToEnd.test.ts receives real ones",
  "docs/events.md: npm run florin -- events dead-letters": "test/events runs the commands",
  "docs/formance.md: export SOURCE_TOKEN=$(curl -s https://stack.examp":
    "needs another server; test/importLedger.test.ts has one",
  "docs/guides/recipes.md: { ": "a part of a request",
  "docs/keys.md: florin keys rotate": "test/auth/keysCli.test.ts runs it",
  "docs/payments.md: curl -s http://localhost:8080/api/payments/connectors/DU":
    "never ends; test/payments/lifecycle.test.ts installs the same",
  "docs/payments.md: curl -s http://localhost:8080/api/payments/connectors/ST":
    "needs Stripe; test/payments/providers has a fake one",
  "docs/payments.md: export const wise": "an outline of a connector",
  "docs/production.md: [Unit]": "for systemd",
  "docs/production.md: florin verify main": "test/cli.test.ts runs it",
  'docs/production.md: pg_dump -Fc "$DATABASE_URL"': "needs PostgreSQL's own tools",
  "docs/production.md: createdb restored": "needs PostgreSQL's own tools",
};

/** Blocks that other tests take from their pages, by page and language. */
const TAKEN: readonly string[] = [
  "docs/numscript.md num", // test/numscript/documentation.test.ts
  "docs/guides/recipes.md num", // recipes.test.ts
  ...["first-transaction", "reading", "repeating-safely", "reverts-and-holds"].map(
    (guide) => `docs/guides/${guide}.md json`, // guides.test.ts compares them with what is answered
  ),
];

const blocks = PAGES.flatMap((page) => {
  const code = /(<!-- runnable.*-->\n)?^```(\w+)\n(.*)\n/gm;
  return [...readFileSync(page, "utf8").matchAll(code)].map(
    ([, runnable, language = "", line = ""]) => ({ page, runnable, language, line }),
  );
});

const isListed = (page: string, line: string): string | undefined =>
  Object.keys(NOT_RUN).find((begin) => `${page}: ${line}`.startsWith(begin));

test("all code in README and docs is run by a test, or listed with the reason why not", () => {
  const others = blocks.filter(
    ({ page, runnable, language }) => !runnable && !TAKEN.includes(`${page} ${language}`),
  );
  const missing = others.filter(({ page, line }) => !isListed(page, line));
  expect(missing.map(({ page, line }) => `${page}: ${line}`)).toEqual([]);
  const used = new Set(others.map(({ page, line }) => isListed(page, line)));
  expect(Object.keys(NOT_RUN).filter((begin) => !used.has(begin))).toEqual([]);
});

/** The tests that run the blocks that are marked. */
const RUNNERS: readonly RegExp[] = [
  /^README\.md$/,
  /^sdk\/README\.md$/,
  /^docs\/(auth|events)\.md$/,
  /^docs\/guides\//,
];

test("whatever is marked as runnable is on a page whose blocks are run", () => {
  const strays = blocks.filter(
    ({ page, runnable }) => runnable && !RUNNERS.some((pages) => pages.test(page)),
  );
  expect(strays).toEqual([]);
});
