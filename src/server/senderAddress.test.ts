import { expect, test } from "vitest";
import type { HttpRequest } from "./handler.js";
import { senderAddress } from "./senderAddress.js";

const PROXY = "10.0.0.1";

const addressOf = (trustedProxies: number, header?: string, remoteAddress = PROXY) =>
  senderAddress(
    { headers: { "x-forwarded-for": header }, socket: { remoteAddress } } as unknown as HttpRequest,
    trustedProxies,
  );

test("without a trusted proxy, the header is anybody's word", () => {
  expect(addressOf(0, "203.0.113.7")).toBe(PROXY);
});

test("each trusted proxy tells whom it was called by; what a caller wrote before that is not believed", () => {
  expect(addressOf(1, "203.0.113.7")).toBe("203.0.113.7");
  expect(addressOf(1, "6.6.6.6, 203.0.113.7")).toBe("203.0.113.7");
  expect(addressOf(2, "6.6.6.6,203.0.113.7 , 10.0.0.2")).toBe("203.0.113.7");
});

test.each([
  ["no header", undefined],
  ["an empty one", ""],
  ["fewer entries than proxies", "203.0.113.7"],
  ["no address", "unknown, 10.0.0.2"],
  ["an address out of range", "203.0.113.700, 10.0.0.2"],
  ["a name", "localhost, 10.0.0.2"],
  ["an entry that is empty", ", 10.0.0.2"],
])("with %s it is the socket's", (_, header) => {
  expect(addressOf(2, header)).toBe(PROXY);
});

test.each([
  ["203.0.113.7:4711", "203.0.113.7"],
  ["[2001:db8::7]:4711", "2001:db8::7"],
  ["[2001:db8::7]", "2001:db8::7"],
  ["2001:db8::7", "2001:db8::7"],
  ["::ffff:203.0.113.7", "203.0.113.7"],
  ["[::FFFF:203.0.113.7]:4711", "203.0.113.7"],
])("%s is read as %s", (entry, address) => {
  expect(addressOf(1, entry)).toBe(address);
});

test("IPv4 in the dress of IPv6, as sockets show it, is IPv4", () => {
  expect(addressOf(0, undefined, "::ffff:203.0.113.7")).toBe("203.0.113.7");
  expect(addressOf(0, undefined, "::1")).toBe("::1");
});
