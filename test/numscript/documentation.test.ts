import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { compile } from "../../src/numscript/compile.js";
import { features } from "../../src/numscript/features.js";
import { functionSignatures, statementSignatures } from "../../src/numscript/signatures.js";
import { token } from "../../src/numscript/tokens.js";

const page = readFileSync(new URL("../../docs/numscript.md", import.meta.url), "utf8");

const scripts = [...page.matchAll(/```num\n(.*?)```/gs)].map(([, script = ""]) => script);

test.each(scripts)("a script of the documentation compiles: %j", (script) => {
  expect(compile(script)).toMatchObject({ ok: true });
});

test("the documentation shows every word of the language and every function", () => {
  const words = Object.values(token)
    .map(({ PATTERN }) => PATTERN)
    .filter((pattern) => typeof pattern === "string");
  const shown = scripts.join("\n");
  const functions = [...functionSignatures.keys(), ...statementSignatures.keys(), "meta"];
  expect(words.length).toBeGreaterThan(30);
  expect(words.filter((word) => word !== "fail" && !shown.includes(word))).toEqual([]);
  expect(functions.filter((name) => !shown.includes(`${name}(`))).toEqual([]);
  expect(shown).toContain(features[3]);
});
