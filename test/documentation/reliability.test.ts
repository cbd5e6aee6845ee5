import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const page = readFileSync("docs/reliability.md", "utf8");

/** The tables of promises: those whose last column is called so. */
const tables = [...page.matchAll(/^\|.*\| test \|\n\|[- |]+\|\n((?:\|.*\n)+)/gm)];

const promises = tables.flatMap(([, rows = ""]) =>
  rows
    .trimEnd()
    .split("\n")
    .map((row) => {
      const cells = row.slice(2, -2).split(" | ");
      return { promise: cells.slice(0, -1).join(": "), proofs: cells.at(-1)?.split("<br>") ?? [] };
    }),
);

/** A test as the page names it: a link to its file, and its title. */
const PROOF = /^\[(.+)\]\(\.\.\/((?:test\/)?\1\.test\.ts)\): (.+)$/;

/** What stands before the function of a test: its title. */
const TITLE = /(["'`])((?:\\.|(?!\1).)+)\1,\s*(?:\{[^}]*\},\s*)?(?:async )?\(/g;

/** The titles in a file; what is filled in when it runs is `%s`. */
const titlesIn = (path: string): string[] =>
  [...readFileSync(path, "utf8").matchAll(TITLE)].map(([, , title = ""]) =>
    title.replaceAll(/\$\{\w+\}/g, "%s"),
  );

test("each table of promises was found", () => {
  expect(page.match(/^\|.*\| test \|$/gm)).toHaveLength(tables.length);
  expect(promises.length).toBeGreaterThan(60);
});

test.each(promises)("there is a test that proves: $promise", ({ promise, proofs }) => {
  expect(promise).not.toBe("");
  for (const proof of proofs) {
    const [, , path = "", title] = PROOF.exec(proof) ?? [];
    expect(existsSync(path), `a link to a file of tests: ${proof}`).toBe(true);
    expect(titlesIn(path), path).toContain(title);
  }
});
