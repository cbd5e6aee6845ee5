import { expect, test } from "vitest";
import { createUploads } from "./uploads.js";

/** Uploads of at most 100 bytes, and the names of those that were cut. */
function start() {
  const begin = createUploads(100);
  const cut: string[] = [];
  return { cut, begin: (name: string) => begin(() => cut.push(name)) };
}

test("when too much is sent, what began first is cut until there is room", () => {
  const { cut, begin } = start();
  const [one, two, three] = [begin("one"), begin("two"), begin("three")];
  one.add(30);
  two.add(30);
  three.add(40);
  expect(cut).toEqual([]);
  three.add(31);
  expect(cut).toEqual(["one", "two"]);
  one.add(1000);
  three.add(29);
  expect(cut).toEqual(["one", "two"]);
});

test("what was read takes no room, however often that is said", () => {
  const { cut, begin } = start();
  for (let n = 0; n < 10; n++) {
    const upload = begin(`${n}`);
    upload.add(90);
    upload.end();
    upload.end();
    upload.add(90);
  }
  const last = begin("last");
  last.add(100);
  expect(cut).toEqual([]);
  last.add(1);
  expect(cut).toEqual(["last"]);
});
