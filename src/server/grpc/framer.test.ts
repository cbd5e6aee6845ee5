import { Code } from "@connectrpc/connect";
import fc from "fast-check";
import { expect, test } from "vitest";
import { heapBytes } from "../../../test/support/heapBytes.js";
import { createFramer, frame } from "./framer.js";

test("messages are found again, however their bytes are cut", () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 300 })),
      fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1 }),
      (messages, sizes) => {
        const framer = createFramer(300);
        const bytes = Buffer.concat(messages.map((message) => frame(0, message)));
        const found: Buffer[] = [];
        let turn = 0;
        for (let at = 0; at < bytes.length; ) {
          const end = at + (sizes[turn++ % sizes.length] ?? 1);
          framer.add(Buffer.from(bytes.subarray(at, end)));
          at = end;
          for (let next = framer.next(); next; next = framer.next()) found.push(next);
        }
        expect(found.map(String)).toEqual(messages.map((message) => String(Buffer.from(message))));
        expect(framer.size()).toBe(0);
      },
    ),
  );
});

test("when all that came is taken nothing is kept", () => {
  const framers = Array.from({ length: 20 }, () => createFramer(2_000_000));
  const before = arrayBufferBytes();
  for (const framer of framers) {
    const bytes = frame(0, Buffer.alloc(1_000_000));
    framer.add(bytes.subarray(0, 500_000));
    framer.add(bytes.subarray(500_000));
    expect(framer.next()).toHaveLength(1_000_000);
  }
  expect(arrayBufferBytes() - before).toBeLessThan(5_000_000);
  expect(framers.map((framer) => framer.size())).toEqual(framers.map(() => 0));
});

function arrayBufferBytes(): number {
  heapBytes();
  return process.memoryUsage().arrayBuffers;
}

test("a message that is too long is refused before it has come", () => {
  const framer = createFramer(100);
  framer.add(Buffer.from([0, 0, 0, 0, 101]));
  expect(() => framer.next()).toThrow(
    expect.objectContaining({ code: Code.ResourceExhausted, httpStatus: 413 }),
  );
});

test("a compressed message is refused before it has come, and other flags mean nothing", () => {
  const framer = createFramer(100);
  framer.add(Buffer.from([2, 0, 0, 0, 1, 7, 1, 0, 0, 0, 1]));
  expect(framer.next()).toEqual(Buffer.of(7));
  expect(() => framer.next()).toThrow(expect.objectContaining({ code: Code.Internal }));
});
