import { expect, test } from "vitest";
import { cut } from "./cut.js";

test("a text is never cut within a character", () => {
  expect(cut("ab😀c", 3)).toBe("ab…");
  expect(cut("ab😀c", 4)).toBe("ab😀…");
  expect(cut("abc", 3)).toBe("abc");
});
