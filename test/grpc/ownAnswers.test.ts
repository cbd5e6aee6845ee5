import { Code } from "@connectrpc/connect";
import { findTrailerError } from "@connectrpc/connect/protocol-grpc";
import { expect, test } from "vitest";
import { ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.js";
import { MAX_BYTES, startGrpcServer } from "./bothPaths.js";
import {
  ask,
  bytesOf,
  envelope,
  openSession,
  type RawAnswer,
  type RawRequest,
  sendRaw,
} from "./rawCalls.js";

const EMPTY = new Uint8Array();
const TOO_LONG = ask("main", "a".repeat(MAX_BYTES));

interface Row extends RawRequest {
  readonly code: Code;
  readonly message: string;
  /** In ErrorInfo. */
  readonly reason?: string;
}

const told = (pieces: Uint8Array[], code: Code, message: string, more: Partial<Row> = {}): Row => ({
  pieces,
  code,
  message,
  ...more,
});

const tooLong = { reason: "BODY_TOO_LARGE" };
const invalid = { reason: "INVALID_BODY" };

const rows: Record<string, Row> = {
  "a message longer than may be": told(
    [TOO_LONG],
    Code.ResourceExhausted,
    "request body is larger than 20000 bytes",
    tooLong,
  ),
  "a message that says to be of 4 GiB": told(
    [envelope(EMPTY, { length: 0xffffffff })],
    Code.ResourceExhausted,
    "request body is larger than 20000 bytes",
    tooLong,
  ),
  "no message": told([], Code.Unimplemented, "protocol error: missing input message"),
  "two messages": told(
    [ask(), ask()],
    Code.Unimplemented,
    "protocol error: received extra input message",
  ),
  "two messages at once": told(
    [Buffer.concat([ask(), ask()])],
    Code.Unimplemented,
    "protocol error: received extra input message",
  ),
  "half a prefix": told(
    [ask().subarray(0, 3)],
    Code.InvalidArgument,
    "protocol error: incomplete envelope",
  ),
  "half a message": told(
    [ask().subarray(0, -1)],
    Code.InvalidArgument,
    "protocol error: incomplete envelope",
  ),
  "a message and a byte": told(
    [ask(), Uint8Array.of(0)],
    Code.InvalidArgument,
    "protocol error: incomplete envelope",
  ),
  "a message that is not protobuf": told(
    [envelope(Uint8Array.of(0x0a, 0xff))],
    Code.InvalidArgument,
    "the request is no florin.ledger.v1.GetAccountRequest: premature EOF",
    invalid,
  ),
  "text that is not UTF-8": told(
    [envelope(Uint8Array.of(0x0a, 1, 0xff))],
    Code.InvalidArgument,
    "the request is no florin.ledger.v1.GetAccountRequest: The encoded data was not valid for encoding utf-8",
    invalid,
  ),
  "a message flagged as compressed, by nothing": told(
    [envelope(bytesOf("main"), { flags: 1 })],
    Code.Internal,
    "received compressed envelope, but do not know how to decompress",
  ),
  "a deadline that is over before the call begins": told(
    [ask("overdue")],
    Code.DeadlineExceeded,
    "the operation timed out",
    { headers: { "grpc-timeout": "0n" } },
  ),
  "a deadline in no unit": told(
    [ask()],
    Code.InvalidArgument,
    "protocol error: invalid grpc timeout value: 20",
    { headers: { "grpc-timeout": "20" } },
  ),
  "a deadline of nine digits": told(
    [ask()],
    Code.InvalidArgument,
    "protocol error: invalid grpc timeout value: 100000000n",
    { headers: { "grpc-timeout": "100000000n" } },
  ),
};

test.each(Object.entries(rows))("%s is refused, told why, and logged as a call", async (_, row) => {
  const { url, log, leftToConnect } = await startGrpcServer({ isFast: true });
  const answer = await sendRaw(openSession(url), row);
  expect(errorIn(answer)).toMatchObject({ code: row.code, rawMessage: row.message });
  expect(errorIn(answer)?.findDetails(ErrorInfoSchema)[0]?.reason).toBe(row.reason);
  expect(leftToConnect()).toBe(0);
  const rpc = "florin.ledger.v1.LedgerService/GetAccount";
  expect(await log.lines("request", 1)).toMatchObject([{ rpc, protocol: "grpc" }]);
});

test.each(["application/grpc;charset=utf-8", "application/grpc+proto; x=y", "Application/gRPC"])(
  "a call of type %s is one in protobuf",
  async (type) => {
    const { url, leftToConnect } = await startGrpcServer({ isFast: true });
    const headers = { "content-type": type };
    const answer = await sendRaw(openSession(url), { headers, pieces: [ask()] });
    expect(answer.trailers["grpc-status"]).toBe("0");
    expect(leftToConnect()).toBe(0);
  },
);

test("a path that no service has is UNIMPLEMENTED", async () => {
  const { url, leftToConnect } = await startGrpcServer({ isFast: true });
  const headers = { ":path": "/florin.ledger.v1.LedgerService/Guess?secret=1" };
  const answer = await sendRaw(openSession(url), { headers, pieces: [ask()] });
  const rawMessage = "there is no /florin.ledger.v1.LedgerService/Guess";
  expect(errorIn(answer)).toMatchObject({ code: Code.Unimplemented, rawMessage });
  expect(leftToConnect()).toBe(0);
});

test.each([
  { "content-type": "application/grpc+json", "grpc-timeout": "99999999H" },
  { "content-type": "application/json", "connect-timeout-ms": "9999999999" },
])(
  "a deadline further away than timers reach ends no call that connect serves",
  async (headers) => {
    const { url, leftToConnect } = await startGrpcServer({ isFast: true });
    const json = Buffer.from('{"ledger":"patient"}');
    const isGrpc = "grpc-timeout" in headers;
    const pieces = [isGrpc ? envelope(json) : json];
    const { body } = await sendRaw(openSession(url), { headers, pieces });
    expect(Buffer.from(body, "hex").toString()).toContain('"address":"not aborted"');
    expect(leftToConnect()).toBe(1);
  },
);

/** As clients find it in the trailers, or in the headers of an answer that has nothing else. */
const errorIn = ({ headers, trailers }: RawAnswer) =>
  findTrailerError(
    new Headers(
      Object.entries({ ...headers, ...trailers })
        .filter(([name]) => !name.startsWith(":"))
        .map(([name, value]) => [name, String(value)]),
    ),
  );
