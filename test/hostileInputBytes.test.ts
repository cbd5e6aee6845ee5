import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, constants } from "node:http2";
import { brotliCompressSync, gzipSync } from "node:zlib";
import type { DescMethod } from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";
import type { Compression } from "@connectrpc/connect/protocol";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { expect, onTestFinished, test, vi } from "vitest";
import { LedgerService } from "../gen/florin/ledger/v1/ledger_pb.js";
import { startTestApp, type TestApp } from "./support/app.js";
import { contents } from "./support/contents.js";
import { callRpc, rpcWires } from "./support/rpcs.js";

vi.setConfig({ testTimeout: 60_000 });

const { createTransaction, importLogs, streamTransactions, watchLogs } = LedgerService.method;

const POSTING = '{"source":"world","destination":"users:1","asset":"EUR/2","amount":';
/** The beginning of a transaction that is good so far, as REST and as RPC write it. */
const REST = `{"postings":[${POSTING}1}]`;
const RPC = `{"postings":[${POSTING}"1"}]`;

/** The RPC protocols, on which every message is replaced by `bytes`: what compresses messages may do so. */
function wiresThatSend(baseUrl: string, bytes: Uint8Array, useBinaryFormat: boolean) {
  const sendCompression = {
    name: "gzip",
    compress: async () => gzipSync(bytes),
    decompress: () => expect.unreachable(),
  };
  return Object.entries(packing(baseUrl, sendCompression, useBinaryFormat));
}

/** The RPC protocols, on which every message is packed. */
function packing(
  baseUrl: string,
  sendCompression: Compression,
  useBinaryFormat = true,
): Record<string, Transport> {
  const options = { baseUrl, sendCompression, compressMinBytes: 0, useBinaryFormat };
  return {
    gRPC: createGrpcTransport(options),
    "gRPC-Web": createGrpcWebTransport({ ...options, httpVersion: "2" }),
    Connect: createConnectTransport({ ...options, httpVersion: "2" }),
  };
}

/** What is sent here is not what arrives; but nothing, it would not be compressed. */
const send = (wire: Transport, token: string, rpc: DescMethod = createTransaction) =>
  callRpc(wire, rpc, { request: { ledger: "main" }, token });

async function postRest({ url }: TestApp, token: string, body: string | Buffer, headers = {}) {
  const response = await fetch(`${url}/api/ledger/main/transactions`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, ...headers },
    body,
  });
  const { errorCode, errorMessage } = (await response.json()) as Record<string, string>;
  return `${response.status} ${errorCode}: ${errorMessage}`;
}

/** Runs `use` on a ledger of one transaction: it may change nothing, and all wires must still work after it. */
async function changesNothing(use: (app: TestApp, token: string) => Promise<void>) {
  const app = await startTestApp();
  const token = await app.token();
  const wires = rpcWires(app.url);
  const request = { ledger: "main", transaction: JSON.parse(`${RPC}}`) };
  const create = (wire: Transport) => callRpc(wire, createTransaction, { request, token });
  expect(await create(wires.gRPC)).toBe("ok");
  const before = await contents(app.db);
  await use(app, token);
  expect(await contents(app.db)).toEqual(before);
  for (const wire of Object.values(wires)) expect(await create(wire)).toBe("ok");
}

/** More than fits into the trailers of gRPC. */
const LONG = "x".repeat(100_000);

/** Bodies that are no transaction, and what REST says of them. RPC has the words of its own library. */
const BODIES: Record<string, [body: string, says: string]> = {
  "an open brace": ["{", "unexpected end of the JSON text at position 1"],
  words: ["hello", 'unexpected "h" at position 0'],
  "two values": ["{} {}", 'unexpected "{" at position 3'],
  "a comma too many": ['{"postings":[],}', 'unexpected "}" at position 15'],
  "single quotes": ["{'postings':[]}", 'unexpected "\'" at position 1'],
  "a text over two lines": ['{"reference":"a\nb"}', 'unexpected "\\n" at position 15'],
  "a list": ["[]", "body must be an object"],
  "a text": ['"postings"', "body must be an object"],
  "a number": ["1", "body must be an object"],
  "a text for postings": ['{"postings":"all"}', "postings must be an array"],
  "a number for a posting": ['{"postings":[1]}', "postings[0] must be an object"],
  "nothing for a posting": ['{"postings":[null]}', "postings[0] must be an object"],
  "a number for an asset": ['{"postings":[{"asset":5}]}', "postings[0].asset must be a string"],
  "lists without end": ["[".repeat(100_000), "nested deeper than 100 levels at position 100"],
  "metadata without end": [
    `{"metadata":${'{"a":'.repeat(200)}1${"}".repeat(200)}}`,
    "nested deeper than 100 levels at position 507",
  ],
};

test("JSON that is no transaction is refused on every wire, and changes nothing", () =>
  changesNothing(async (app, token) => {
    for (const [what, [body, says]] of Object.entries(BODIES)) {
      const refused = `400 VALIDATION: invalid transaction format: ${says}`;
      expect(await postRest(app, token, body), `${what}, over REST`).toBe(refused);
      const message = Buffer.from(`{"ledger":"main","transaction":${body}}`);
      for (const [name, wire] of wiresThatSend(app.url, message, false)) {
        const answer = await send(wire, token);
        expect(answer, `${what}, over ${name}`).toMatch(/^invalid_argument: /);
      }
    }
  }));

test("text that is not UTF-8 is refused on every wire, never mended", () =>
  changesNothing(async (app, token) => {
    const rest = Buffer.from(`${REST},"reference":"\xff"}`, "latin1");
    expect(await postRest(app, token, rest)).toBe(
      "400 VALIDATION: invalid transaction format: body is not UTF-8",
    );
    const utf16 = Buffer.from(`${REST}}`, "utf16le");
    expect(await postRest(app, token, utf16)).toMatch(
      /^400 VALIDATION: invalid transaction format/,
    );

    const json = Buffer.from(
      `{"ledger":"main","transaction":${RPC},"reference":"\xff"}}`,
      "latin1",
    );
    for (const [name, wire] of wiresThatSend(app.url, json, false)) {
      const answer = await send(wire, token);
      expect(answer, `JSON over ${name}`).toMatch(/^invalid_argument: .*utf-8/);
    }
    // A ledger (field 1) called by a byte that begins no character.
    for (const [name, wire] of wiresThatSend(app.url, Buffer.from([0x0a, 1, 0xff]), true)) {
      const answer = await send(wire, token);
      expect(answer, `protobuf over ${name}`).toMatch(/^invalid_argument: parse binary: .*utf-8/);
    }
  }));

test("bytes that are no protobuf are refused on every RPC protocol, and change nothing", () =>
  changesNothing(async (app, token) => {
    const messages = {
      words: Buffer.from("hello"),
      "a text longer than its message": Buffer.from([0x0a, 200, 0x61]),
      "a number without end": Buffer.alloc(20, 0xff),
      "messages without end": nested(1000),
    };
    for (const [what, message] of Object.entries(messages)) {
      for (const [name, wire] of wiresThatSend(app.url, message, true)) {
        const answer = await send(wire, token);
        expect(answer, `${what}, over ${name}`).toMatch(/^invalid_argument: parse binary: /);
      }
    }
  }));

test("bytes in a stream that are no protobuf are refused on every RPC protocol, and change nothing", () =>
  changesNothing(async (app, token) => {
    for (const rpc of [watchLogs, importLogs, streamTransactions]) {
      for (const [name, wire] of wiresThatSend(app.url, Buffer.from("hello"), true)) {
        const answer = await send(wire, token, rpc);
        expect(answer, `${rpc.name} over ${name}`).toMatch(/^invalid_argument: parse binary: /);
      }
    }
  }));

test("packed bytes that do not unpack are refused as invalid on every RPC protocol", () =>
  changesNothing(async (app, token) => {
    // A message of 200 bytes, of which the second half is missing.
    const cut = (pack: (bytes: Buffer) => Buffer) =>
      new Uint8Array(pack(randomBytes(200)).subarray(0, 100));
    for (const [name, bytes] of [
      ["gzip", cut(gzipSync)],
      ["br", cut(brotliCompressSync)],
    ] as const) {
      const sendCompression = {
        name,
        compress: async () => bytes,
        decompress: () => expect.unreachable(),
      };
      for (const [protocol, wire] of Object.entries(packing(app.url, sendCompression))) {
        const answer = await send(wire, token);
        expect(answer, `${name} over ${protocol}`).toBe("invalid_argument: decompression failed");
      }
    }
  }));

test("half a surrogate pair, which no error could quote, is refused on every wire, and changes nothing", () =>
  changesNothing(async (app, token) => {
    const half = Buffer.from('"\\ud800"');
    for (const rpc of [createTransaction, watchLogs, importLogs, streamTransactions]) {
      for (const [name, wire] of wiresThatSend(app.url, half, false)) {
        const answer = await send(wire, token, rpc);
        expect(answer, `${rpc.name} over ${name}`).toMatch(/^invalid_argument: .{20}/);
      }
    }
  }));

test("an error that quotes the beginning of a text can be sent, wherever the text was cut", () =>
  changesNothing(async (app, token) => {
    for (const text of ["\u{1f642}".repeat(100), `a${"\u{1f642}".repeat(100)}`]) {
      const plain = "send [USD/2 1] (source = @world destination = @a)";
      const script = { plain, vars: { [text]: "1" } };
      for (const [name, wire] of Object.entries(rpcWires(app.url))) {
        const request = { ledger: "main", transaction: { script } };
        const answer = await callRpc(wire, createTransaction, { request, token });
        expect(answer, name).toMatch(/^invalid_argument COMPILATION_FAILED: /);
      }
    }
  }));

/** Requests, and how they are refused. */
const QUOTED: Record<string, [request: object, says: RegExp]> = {
  "a name": [
    { ledger: LONG, transaction: JSON.parse(`${RPC}}`) },
    /^invalid_argument VALIDATION: invalid ledger name/,
  ],
  "a key": [
    { ledger: "main", transaction: { metadata: { [LONG]: "\0" } } },
    /^invalid_argument VALIDATION: transaction.metadata\["x+…$/,
  ],
  "an amount": [
    {
      ledger: "main",
      transaction: {
        postings: [{ source: "a", destination: "b", asset: "EUR/2", amount: "9".repeat(100_000) }],
      },
    },
    /^failed_precondition INSUFFICIENT_FUND: balance.insufficient.EUR\/2$/,
  ],
};

test("an error about a text of any length can be sent on every wire", () =>
  changesNothing(async (app, token) => {
    for (const [what, [request, says]] of Object.entries(QUOTED)) {
      for (const [name, wire] of Object.entries(rpcWires(app.url))) {
        const answer = await callRpc(wire, createTransaction, { request: { ...request }, token });
        expect(answer, `${what}, over ${name}`).toMatch(says);
        expect(answer.length, `${what}, over ${name}`).toBeLessThan(2_100);
      }
    }
    const rest = await postRest(app, token, `${REST},"metadata":{"${LONG}":"\\u0000"}}`);
    expect(rest).toMatch(/^400 VALIDATION: .*metadata\["x+…$/);
    expect(rest.length).toBeLessThan(2_100);
  }));

/** A transaction's metadata (fields 2 and 5) of objects within each other. */
function nested(depth: number): Buffer {
  let value = Buffer.from([0x20, 1]);
  const wrap = (field: number, bytes: Buffer) =>
    Buffer.concat([Buffer.from([field, ...varint(bytes.length)]), bytes]);
  for (let level = 0; level < depth; level++) {
    // Value.struct_value of a Struct.fields entry with the key "a".
    value = wrap(0x2a, wrap(0x0a, Buffer.concat([Buffer.from("\n\x01a"), wrap(0x12, value)])));
  }
  return wrap(0x12, wrap(0x2a, value.subarray(1 + varint(value.length).length)));
}

function varint(number: number): number[] {
  return number < 128 ? [number] : [(number & 127) | 128, ...varint(number >> 7)];
}

test("ten megabytes are refused on every wire, as they are and packed, and change nothing", () =>
  changesNothing(async (app, token) => {
    const reference = "x".repeat(10_000_000);
    const rest = `${REST},"reference":"${reference}"}`;
    const tooLarge = "413 VALIDATION: request body is larger than 4194304 bytes";
    expect(await postRest(app, token, rest)).toBe(tooLarge);
    const packed = gzipSync(rest);
    expect(await postRest(app, token, packed, { "content-encoding": "gzip" })).toBe(
      "415 VALIDATION: content encoding gzip is not supported",
    );
    const request = { ledger: "main", transaction: { reference } };
    for (const [name, wire] of Object.entries(rpcWires(app.url))) {
      const answer = await callRpc(wire, createTransaction, { request, token });
      expect(answer, name).toMatch(
        name === "gRPC"
          ? /^resource_exhausted VALIDATION: request body is larger than 4194304 bytes$/
          : /^resource_exhausted: message size/,
      );
    }
    for (const [name, wire] of wiresThatSend(app.url, Buffer.alloc(10_000_000), true)) {
      const answer = await send(wire, token);
      expect(answer, `${name}, packed`).toMatch(/^resource_exhausted: .* after decompression/);
    }
  }));

test("an upload that was refused need not go on, and holds up no stop", async () => {
  const { url, token, stop } = await startTestApp();
  const session = connect(url);
  onTestFinished(() => session.destroy());
  const stream = session.request({
    ":method": "POST",
    ":path": "/florin.ledger.v1.LedgerService/CreateTransaction",
    authorization: `Bearer ${await token()}`,
    "content-type": "application/grpc",
  });
  stream.resume();
  // The beginning of a message of 4 GiB.
  stream.write(Buffer.alloc(100_000, 0xff).fill(0, 0, 1));
  const [trailers] = await once(stream, "trailers");
  expect(trailers).toMatchObject({ "grpc-status": "8" });
  await once(stream, "close");
  expect(stream.rstCode).toBe(constants.NGHTTP2_NO_ERROR);
  const begin = performance.now();
  await stop();
  expect(performance.now() - begin).toBeLessThan(5_000);
});

test("what no route and no RPC has is told apart, and changes nothing", () =>
  changesNothing(async ({ url }, token) => {
    const headers = { authorization: `Bearer ${token}` };
    const statusOf = async (target: string) => {
      const [method = "", path = ""] = target.split(" ");
      const response = await fetch(url + path, { method, headers });
      const { errorCode } = (await response.json()) as Record<string, string>;
      return `${response.status} ${errorCode} ${response.headers.get("allow") ?? ""}`.trim();
    };
    expect(await statusOf("GET /")).toBe("404 NOT_FOUND");
    expect(await statusOf("GET /api/ledger")).toBe("404 NOT_FOUND");
    expect(await statusOf("POST /api/ledger/main/nothing")).toBe("404 NOT_FOUND");
    expect(await statusOf("POST /florin.ledger.v1.LedgerService/Nothing")).toBe("404 NOT_FOUND");
    expect(await statusOf("DELETE /api/ledger/main/transactions")).toBe(
      "405 VALIDATION GET, HEAD, POST",
    );
    const unknown = { ...createTransaction, name: "Nothing" };
    for (const [name, wire] of Object.entries(rpcWires(url))) {
      expect(await callRpc(wire, unknown, { token }), name).toMatch(/^unimplemented: /);
    }
  }));
