import { expect, test } from "vitest";
import { heapBytes } from "../../test/support/heapBytes.js";
import { compile } from "./compile.js";
import { compileOnce, rememberCompiled } from "./compileOnce.js";

/** A compiler that writes down what it was asked to compile. */
function watched(limits: { maxScripts: number; maxCharacters: number }) {
  const compiled: string[] = [];
  const compileText = rememberCompiled((source) => {
    compiled.push(source);
    return compile(source);
  }, limits);
  return { compiled, compileText };
}

test("a script is compiled once, and a wrong one judged once", () => {
  const { compiled, compileText } = watched({ maxScripts: 10, maxCharacters: 1000 });
  expect(compileText("fail")).toBe(compileText("fail"));
  expect(compileText("fial")).toBe(compileText("fial"));
  expect(compiled).toEqual(["fail", "fial"]);
  expect(compileOnce("print 1")).toBe(compileOnce("print 1"));
});

test("the script used least recently is forgotten first", () => {
  const { compiled, compileText } = watched({ maxScripts: 2, maxCharacters: 1000 });
  for (const script of ["print 1", "print 2", "print 1", "print 3", "print 1", "print 2"]) {
    compileText(script);
  }
  expect(compiled).toEqual(["print 1", "print 2", "print 3", "print 2"]);
});

test("long scripts push out as many as they need room for, and a very long one is not kept", () => {
  const { compiled, compileText } = watched({ maxScripts: 10, maxCharacters: 20 });
  const long = `print ${"1".repeat(14)}`;
  const veryLong = `print ${"1".repeat(15)}`;
  for (const script of ["print 1", "print 2", veryLong, "print 1", "print 2", veryLong]) {
    compileText(script);
  }
  expect(compiled).toEqual(["print 1", "print 2", veryLong, veryLong]);
  for (const script of [long, "print 1", long]) compileText(script);
  expect(compiled.slice(4)).toEqual([long, "print 1", long]);
});

test("a script keeps nothing of the requests that brought it, the first or a later one", () => {
  const { compiled, compileText } = watched({ maxScripts: 1000, maxCharacters: 100_000 });
  const before = heapBytes();
  for (let request = 0; request < 200; request++) {
    const script = `print ${"1".repeat(20)}${request % 100}`;
    const body = Buffer.alloc(500_000, `${script};`).toString();
    compileText(body.slice(0, script.length));
  }
  expect(compiled).toHaveLength(100);
  expect(heapBytes() - before).toBeLessThan(10_000_000);
});
