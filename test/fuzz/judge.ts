import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { Code } from "@connectrpc/connect";
import { codeFromString } from "@connectrpc/connect/protocol-connect";
import { createDocumentedCheck } from "../support/published/checkDocumented.js";
import type { Answer } from "./send.js";
import type { Shot } from "./shot.js";

export interface Verdict {
  /** What a caller was told of an error; null if there was none, or nobody was told. */
  readonly error: string | null;
  /** What the answer breaks of our promises. */
  readonly problems: readonly string[];
}

/** What nobody outside may see. */
const INTERNAL =
  /(select|insert into|update|delete from) "|\bpg_\w|relation "|syntax error at or near|node_modules|\.[jt]s:\d|\n\s+at |TypeError|RangeError|ReferenceError|\/var\/|\/work\/|\/tmp\//;

const FAULTS: ReadonlySet<Code> = new Set([
  Code.Unknown,
  Code.Internal,
  Code.DataLoss,
  Code.Unavailable,
]);

const documented = createDocumentedCheck();

export function judge(shot: Shot, answer: Answer): Verdict {
  const { end } = answer;
  if (end === "hang") return { error: null, problems: ["no answer"] };
  if (shot.end === "reset") return { error: null, problems: [] };
  if (end === "open" && answer.status === 0) return { error: null, problems: [] };
  if (answer.status === 0) {
    // What HTTP/2 itself forbids, or Node's parser does, is refused by a reset.
    return {
      error: end,
      problems: /^(reset [18]|broke ERR_HTTP2_STREAM_ERROR)$/.test(end)
        ? []
        : [`no answer: ${end}`],
    };
  }
  const verdict = shot.wire === "REST" ? judgeRest(shot, answer) : judgeRpc(shot, answer);
  const leak = INTERNAL.exec(verdict.error ?? "");
  return leak === null
    ? verdict
    : { ...verdict, problems: [...verdict.problems, `tells ${leak[0]}`] };
}

function judgeRest({ verb, path }: Shot, { status, headers, body, end }: Answer): Verdict {
  const text = body.toString();
  const problems: string[] = [];
  if (status >= 500) problems.push(`status ${status}`);
  if (headers["content-type"]?.startsWith("text/event-stream")) {
    const error = /^event: error\ndata: (.*)$/m.exec(text)?.[1] ?? null;
    if (error?.includes('"INTERNAL"')) problems.push("a stream that fails");
    return { error, problems };
  }
  if (end === "open") return { error: null, problems };
  if (verb !== "OPTIONS") {
    const answer = {
      verb,
      path: path.split("?", 1)[0] ?? "",
      status,
      headers: toHeaders(headers),
      body: text,
    };
    problems.push(...documented(answer));
  }
  if (status < 400) return { error: null, problems };
  if (verb === "HEAD") {
    if (text !== "") problems.push("a body");
    return { error: `status ${status}`, problems };
  }
  const told = readJson(text);
  const { errorCode, errorMessage } = told;
  if (typeof errorCode !== "string" || typeof errorMessage !== "string")
    problems.push("no error of ours");
  else if (errorMessage.length < 5) problems.push("an error that says nothing");
  if (text.length > 200_000) problems.push(`an error of ${text.length} bytes`);
  return { error: text, problems };
}

function toHeaders(headers: Answer["headers"]): Headers {
  const entries = Object.entries(headers).filter(([name]) => !name.startsWith(":"));
  return new Headers(entries.map(([name, value]) => [name, String(value)]));
}

/** What the end of a call says: a code and a message. */
interface Status {
  readonly code: Code | null;
  readonly message: string;
}

function judgeRpc(shot: Shot, answer: Answer): Verdict {
  const { status } = answer;
  // Neither a POST nor a type of this protocol: HTTP's own refusals, without a body.
  if ([404, 405, 415, 505].includes(status)) return { error: `status ${status}`, problems: [] };
  // Other verbs reach what is no RPC.
  if (shot.verb === "OPTIONS")
    return { error: null, problems: status === 204 ? [] : [`status ${status}`] };
  const told = shot.wire === "Connect" ? readConnect(shot, answer) : readGrpc(answer);
  if (told === null) return { error: null, problems: answer.end === "open" ? [] : ["no status"] };
  const { code, message } = told;
  if (code === null) return { error: null, problems: [] };
  const problems: string[] = [];
  if ((FAULTS.has(code) || code === Code.Unimplemented) && !EXCUSED.test(message)) {
    problems.push(`${Code[code]}: ${message}`);
  } else if (message.length < 5) problems.push("an error that says nothing");
  if (message.length > 200_000) problems.push(`an error of ${message.length} characters`);
  return { error: `${Code[code]}: ${message}`, problems };
}

/** What gRPC wants: UNIMPLEMENTED for more or fewer messages than one and for unknown compression, INTERNAL for undeclared one. */
const EXCUSED =
  /^protocol error: (missing|received extra) input message|^unknown compression |^received compressed envelope, but do not know how to decompress$/;

function readGrpc({ headers, trailers, body }: Answer): Status | null {
  const text = unpackTrailers(body, headers["grpc-encoding"]).toString("latin1");
  const read = (name: string) =>
    trailers[name] ?? headers[name] ?? new RegExp(`^${name}: (.*)\\r$`, "m").exec(text)?.[1];
  // gRPC-Web has its trailers in the body, behind the five bytes of an envelope.
  const status = read("grpc-status") ?? /grpc-status: (\d+)/.exec(text)?.[1];
  if (status === undefined) return null;
  const message = read("grpc-message") ?? /grpc-message: (.*)\r/.exec(text)?.[1] ?? "";
  return {
    code: status === "0" ? null : Number(status),
    message: decodeURIComponent(String(message)),
  };
}

/** What gRPC-Web says at the end of `body`; the body itself where that is as it was sent. */
function unpackTrailers(body: Buffer, encoding: unknown): Buffer {
  for (let rest = body; rest.length >= 5; rest = rest.subarray(5 + rest.readUInt32BE(1))) {
    const data = rest.subarray(5, 5 + rest.readUInt32BE(1));
    if (rest.readUInt8(0) === (TRAILERS | COMPRESSED)) {
      return encoding === "br" ? brotliDecompressSync(data) : gunzipSync(data);
    }
  }
  return body;
}

const TRAILERS = 0x80;
const COMPRESSED = 1;

function readConnect({ rpc }: Shot, { status, headers, body, end }: Answer): Status | null {
  if (rpc.methodKind === "unary") {
    if (status === 200) return { code: null, message: "" };
    return toStatus(readJson(body.toString()));
  }
  let rest = body;
  while (rest.length >= 5) {
    const [flags, length] = [rest.readUInt8(0), rest.readUInt32BE(1)];
    if ((flags & 2) !== 0) {
      const { error } = readJson(rest.subarray(5, 5 + length).toString()) as { error?: object };
      return error === undefined ? { code: null, message: "" } : toStatus(error as never);
    }
    rest = rest.subarray(5 + length);
  }
  if (headers["content-type"] === "application/json") return toStatus(readJson(body.toString()));
  return end === "open" ? { code: null, message: "" } : null;
}

const toStatus = ({ code, message }: Record<string, unknown>): Status => ({
  code: codeFromString(code as never) ?? Code.Unknown,
  message: String(message ?? ""),
});

function readJson(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
