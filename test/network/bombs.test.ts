import { randomBytes } from "node:crypto";
import { brotliCompressSync, constants, deflateSync, gzipSync } from "node:zlib";
import { expect, test, vi } from "vitest";
import { LedgerService } from "../../gen/florin/ledger/v1/ledger_pb.js";
import { createGun, type Gun } from "../fuzz/send.js";
import { startVictim } from "./victim.js";

vi.setConfig({ testTimeout: 120_000 });

const rpc = LedgerService.method.createTransaction;
const PATH = `/${LedgerService.typeName}/${rpc.name}`;

/** 256 MB of nothing, in about 256 kB, and in less than 1 kB. */
const NOTHING = Buffer.alloc(256 * 1024 * 1024);
const BOMBS = {
  gzip: gzipSync(NOTHING),
  br: brotliCompressSync(NOTHING, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
};

const envelope = (bytes: Buffer) => {
  const head = Buffer.from([1, 0, 0, 0, 0]);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
};

type Wire = (encoding: string, bytes: Buffer) => [headers: Record<string, string>, body: Buffer];

const WIRES: Readonly<Record<"gRPC" | "gRPC-Web" | "Connect", Wire>> = {
  gRPC: (encoding, bytes) => [
    { "content-type": "application/grpc", "grpc-encoding": encoding, te: "trailers" },
    envelope(bytes),
  ],
  "gRPC-Web": (encoding, bytes) => [
    { "content-type": "application/grpc-web", "grpc-encoding": encoding },
    envelope(bytes),
  ],
  Connect: (encoding, bytes) => [
    { "content-type": "application/proto", "content-encoding": encoding },
    bytes,
  ],
};

/** All that is told of a call: its status and message, wherever the protocol has them. */
async function call(gun: Gun, wire: keyof typeof WIRES, encoding: string, bytes: Buffer) {
  const [headers, body] = WIRES[wire](encoding, bytes);
  const shot = { wire, rpc, verb: "POST", path: PATH, headers, body, end: "well" } as const;
  const answer = await gun.send(shot);
  return `${JSON.stringify({ ...answer.headers, ...answer.trailers })} ${answer.body.toString()}`;
}

/** RESOURCE_EXHAUSTED and UNIMPLEMENTED, as numbers or words. */
const TOO_LARGE = /grpc-status"?: ?"?8\b|"resource_exhausted"/;
const UNKNOWN = /grpc-status"?: ?"?12\b|"unimplemented"/;

test("messages that unpack to a quarter of a gigabyte are refused, and never unpacked", async () => {
  const victim = await startVictim();
  const gun = createGun(victim.url, "none");
  for (const wire of Object.keys(WIRES) as (keyof typeof WIRES)[]) {
    for (const [encoding, bomb] of Object.entries(BOMBS)) {
      const grownBy = await victim.endure(async () => {
        const answers = Array.from({ length: 20 }, () => call(gun, wire, encoding, bomb));
        for (const answer of await Promise.all(answers)) expect(answer).toMatch(TOO_LARGE);
      });
      expect(grownBy, `${encoding} over ${wire}`).toBeLessThan(300);
    }
  }
  gun.close();
  await victim.stop();
});

test("messages packed in a way that is not known, or twice, are refused", async () => {
  const victim = await startVictim();
  const gun = createGun(victim.url, "none");
  const bytes = randomBytes(100);
  for (const wire of Object.keys(WIRES) as (keyof typeof WIRES)[]) {
    expect(await call(gun, wire, "deflate", deflateSync(bytes)), wire).toMatch(UNKNOWN);
    expect(await call(gun, wire, "gzip, gzip", gzipSync(gzipSync(bytes))), wire).toMatch(UNKNOWN);
  }
  for (const encoding of ["gzip", "br", "deflate", "gzip, gzip", "zstd"]) {
    const response = await fetch(`${victim.url}/api/ledger/main/transactions`, {
      method: "POST",
      headers: { "content-encoding": encoding },
      body: new Uint8Array(BOMBS.gzip),
    });
    expect(response.status, encoding).toBe(415);
  }
  gun.close();
  await victim.stop();
});
