import { type DescMessage, type Message, toBinary } from "@bufbuild/protobuf";
import fc, { type Arbitrary } from "fast-check";
import { messagesOf } from "./messages.js";
import type { Words } from "./words.js";

/** Protobuf of a message of `desc`: valid, spoilt in one way, or anything. */
export function protobufOf(desc: DescMessage, known: Words): Arbitrary<Buffer> {
  const valid = messagesOf(desc, known).map((message) => print(desc, message));
  return fc.oneof(
    { weight: 4, arbitrary: valid },
    { weight: 5, arbitrary: fc.tuple(valid, damage).map(([bytes, spoil]) => spoil(bytes)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
  );
}

/** The encoder refuses what is no UTF-8, and no more. */
function print(desc: DescMessage, message: Message): Buffer {
  try {
    return Buffer.from(toBinary(desc, message));
  } catch {
    return Buffer.from([0x0a, 1, 0xff]);
  }
}

type Damage = (bytes: Buffer) => Buffer;

const append =
  (...bytes: number[]): Damage =>
  (before) =>
    Buffer.concat([before, Buffer.from(bytes)]);

/** How wire types 3 and 4 begin and end a group of the field 1000. */
const OPEN = [0xc3, 0x3e];
const CLOSE = [0xc4, 0x3e];

const FIXED: readonly Damage[] = [
  // Each field twice, each member of a oneof twice, each list twice as long.
  (bytes) => Buffer.concat([bytes, bytes]),
  // A field that nobody knows, of every wire type there is, and of two that are none.
  append(0xc0, 0x3e, 1),
  append(0xc1, 0x3e, 1, 2, 3, 4, 5, 6, 7, 8),
  append(0xc2, 0x3e, 1, 0),
  append(0xc5, 0x3e, 1, 2, 3, 4),
  append(0xc6, 0x3e, 1),
  append(0xc7, 0x3e, 1),
  append(...OPEN, ...CLOSE),
  append(...OPEN),
  append(...CLOSE),
  append(...OPEN, 0xcc, 0x3e),
  (bytes) => Buffer.concat([bytes, Buffer.from(Array(5_000).fill(OPEN).flat())]),
  (bytes) =>
    Buffer.concat([
      bytes,
      Buffer.from(Array(5_000).fill(OPEN).flat()),
      Buffer.from(Array(5_000).fill(CLOSE).flat()),
    ]),
  // Field number 0, a tag beyond 32 bits, numbers without end, lengths beyond the end.
  append(0, 0),
  append(0xff, 0xff, 0xff, 0xff, 0xff, 1, 1),
  append(0x08, ...Array(11).fill(0xff)),
  append(0x08, 0xff),
  append(0x0a, 0xff, 0xff, 0xff, 0xff, 0x07),
  append(0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1),
  append(0x0a, 2, 0xc0, 0x80),
  append(0x0a, 3, 0xed, 0xa0, 0x80),
];

/** A known field with the wrong wire type. */
const wrongWireType = fc
  .tuple(fc.integer({ min: 1, max: 8 }), fc.constantFrom(0, 1, 2, 5))
  .map(([field, type]) => append((field << 3) | type, 1, 97, 0, 0, 0, 0, 0, 0));

const anywhere = fc.nat(10_000);

const damage: Arbitrary<Damage> = fc.oneof(
  fc.constantFrom(...FIXED),
  wrongWireType,
  anywhere.map(
    (at): Damage =>
      (bytes) =>
        bytes.subarray(0, at % (bytes.length + 1)),
  ),
  fc.tuple(anywhere, fc.nat(255)).map(
    ([at, byte]): Damage =>
      (bytes) =>
        bytes.length === 0
          ? Buffer.from([byte])
          : Buffer.from(bytes).fill(byte, at % bytes.length, (at % bytes.length) + 1),
  ),
  fc.tuple(anywhere, fc.uint8Array({ maxLength: 8 })).map(
    ([at, inserted]): Damage =>
      (bytes) => {
        const cut = at % (bytes.length + 1);
        return Buffer.concat([bytes.subarray(0, cut), inserted, bytes.subarray(cut)]);
      },
  ),
);
