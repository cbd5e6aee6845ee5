import { create, type DescMessage, type JsonObject, type JsonValue } from "@bufbuild/protobuf";
import {
  type Duration,
  DurationSchema,
  type Timestamp,
  TimestampSchema,
} from "@bufbuild/protobuf/wkt";
import { formatGoDuration, parseGoDuration } from "../../lib/goDuration.js";
import type { Json } from "../../lib/parseJson.js";
import { setOwn } from "../../lib/setOwn.js";
import { formatSecond, parseInstant } from "../../lib/time.js";
import { DecodeError, within } from "./decodeError.js";

/** Types that have a JSON form of their own, if any. */
export const isWellKnown = ({ typeName }: DescMessage): boolean =>
  typeName.startsWith("google.protobuf.");

const NANOS = 1_000_000_000n;
const MAX_INT64 = 2n ** 63n - 1n;

/** RFC 3339 in UTC, trailing zeros of the fraction trimmed. */
export function formatTimestamp({ seconds, nanos }: Timestamp): string {
  const whole = formatSeconds({ seconds });
  if (nanos === 0) return whole;
  const fraction = nanos.toString().padStart(9, "0").replace(/0+$/, "");
  return `${whole.slice(0, -1)}.${fraction}Z`;
}

/** As formatTimestamp, without the fraction. */
export const formatSeconds = ({ seconds }: { seconds: bigint }): string =>
  `${formatSecond(Number(seconds))}Z`;

/** The instant that RFC 3339 `text` names, cut to microseconds, or null. */
export function parseTimestamp(text: string): Timestamp | null {
  const micros = parseInstant(text);
  if (micros === null) return null;
  const nanos = (((micros * 1000n) % NANOS) + NANOS) % NANOS;
  const seconds = (micros * 1000n - nanos) / NANOS;
  return create(TimestampSchema, { seconds, nanos: Number(nanos) });
}

export const formatDuration = ({ seconds, nanos }: Duration): string =>
  formatGoDuration(seconds * NANOS + BigInt(nanos));

/** The duration that `text` names in Go's notation, or null. */
export function parseDuration(text: string): Duration | null {
  const nanos = parseGoDuration(text);
  return nanos === null ? null : toDuration(nanos);
}

function toDuration(nanos: bigint): Duration | null {
  if (nanos > MAX_INT64 || nanos < -MAX_INT64) return null;
  return create(DurationSchema, { seconds: nanos / NANOS, nanos: Number(nanos % NANOS) });
}

export function decodeTimestamp(json: Json): Timestamp {
  const timestamp = typeof json === "string" ? parseTimestamp(json) : null;
  if (timestamp === null) {
    throw new DecodeError(
      'must be an RFC 3339 date-time with a zone, from year 1 to 9999 in UTC, e.g. "2023-07-10T12:00:00Z"',
    );
  }
  return timestamp;
}

/** "2m0s", integer nanoseconds, or {"duration": nanoseconds}. */
export function decodeDuration(json: Json): Duration {
  const form = json instanceof Map ? json.get("duration") : json;
  const duration = typeof form === "string" ? parseDuration(form) : decodeNanos(form);
  if (duration === null) {
    throw new DecodeError('must be a duration such as "2m0s", or an integer of nanoseconds');
  }
  return duration;
}

/** Longer numbers are out of range; they are not worth a conversion. */
const INT64_TOKEN = /^-?\d{1,19}$/;

function decodeNanos(json: Json | undefined): Duration | null {
  if (typeof json !== "object" || json === null || !("token" in json)) return null;
  return INT64_TOKEN.test(json.token) ? toDuration(BigInt(json.token)) : null;
}

/** A JSON object as protobuf's Struct has it: its numbers are doubles. */
export function decodeStruct(json: Json): JsonObject {
  if (!(json instanceof Map)) throw new DecodeError("must be an object");
  const struct: JsonObject = {};
  for (const [key, value] of json) {
    try {
      setOwn(struct, key, decodeJsonValue(value));
    } catch (error) {
      throw within(`.${key}`, error);
    }
  }
  return struct;
}

function decodeJsonValue(json: Json): JsonValue {
  if (json === null || typeof json !== "object") return json;
  if (Array.isArray(json)) return json.map(decodeJsonValue);
  if (json instanceof Map) return decodeStruct(json);
  const number = Number((json as { token: string }).token);
  if (!Number.isFinite(number)) throw new DecodeError("is a number out of range");
  return number;
}
