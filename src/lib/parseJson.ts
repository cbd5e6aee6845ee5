/** A JSON value read without loss: numbers keep their text, and any key is just a key. */
export type Json = null | boolean | string | JsonNumber | Json[] | JsonObject;

/** A number as it was written, so that 2^53+1 stays exact, and 1, 1.0 and 1e0 can be told apart. */
interface JsonNumber {
  readonly token: string;
}

export type JsonObject = ReadonlyMap<string, Json>;

/** Why a text is not JSON. `position` counts UTF-16 units from 0. */
export class JsonSyntaxError extends SyntaxError {
  override readonly name = "JsonSyntaxError";
  readonly position: number;

  constructor(problem: string, position: number) {
    super(`${problem} at position ${position}`);
    this.position = position;
  }
}

/** Arrays and objects within each other. It bounds the recursion here and of whoever walks the value. */
const MAX_DEPTH = 100;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const ZERO = 0x30;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

interface Source {
  readonly text: string;
  at: number;
}

/** The value that `text` holds: RFC 8259 to the letter. Of equal keys the last one counts. */
export function parseJson(text: string): Json {
  const source = { text, at: 0 };
  const value = readValue(source, 0);
  if (next(source) !== END) throw unexpected(source);
  return value;
}

const END = -1;

/** The first character that is not white space, or END. It is not consumed. */
function next(source: Source): number {
  for (; source.at < source.text.length; source.at++) {
    const code = source.text.charCodeAt(source.at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return code;
  }
  return END;
}

function readValue(source: Source, depth: number): Json {
  const code = next(source);
  if (code === QUOTE) return readString(source);
  if (code === OPEN_OBJECT) return readObject(source, depth + 1);
  if (code === OPEN_ARRAY) return readArray(source, depth + 1);
  if (code === 0x2d || isDigit(code)) return readNumber(source);
  if (code === 0x74) return readWord(source, "true", true);
  if (code === 0x66) return readWord(source, "false", false);
  if (code === 0x6e) return readWord(source, "null", null);
  throw unexpected(source);
}

function readObject(source: Source, depth: number): JsonObject {
  const entries = new Map<string, Json>();
  enter(source, depth);
  if (skip(source, CLOSE_OBJECT)) return entries;
  do {
    if (next(source) !== QUOTE) throw unexpected(source);
    const key = readString(source);
    if (!skip(source, COLON)) throw unexpected(source);
    entries.set(key, readValue(source, depth));
  } while (skip(source, COMMA));
  if (!skip(source, CLOSE_OBJECT)) throw unexpected(source);
  return entries;
}

function readArray(source: Source, depth: number): Json[] {
  const items: Json[] = [];
  enter(source, depth);
  if (skip(source, CLOSE_ARRAY)) return items;
  do items.push(readValue(source, depth));
  while (skip(source, COMMA));
  if (!skip(source, CLOSE_ARRAY)) throw unexpected(source);
  return items;
}

function enter(source: Source, depth: number): void {
  if (depth > MAX_DEPTH) {
    throw new JsonSyntaxError(`nested deeper than ${MAX_DEPTH} levels`, source.at);
  }
  source.at++;
}

/** Consumes `code` if it comes next. */
function skip(source: Source, code: number): boolean {
  if (next(source) !== code) return false;
  source.at++;
  return true;
}

function readString(source: Source): string {
  const { text } = source;
  const start = source.at++;
  let isPlain = true;
  for (; source.at < text.length; source.at++) {
    const code = text.charCodeAt(source.at);
    if (code === QUOTE) {
      source.at++;
      return isPlain ? text.slice(start + 1, source.at - 1) : readEscaped(source, start);
    }
    if (code < 0x20) throw unexpected(source);
    if (code === BACKSLASH) {
      isPlain = false;
      source.at++;
    }
  }
  source.at = text.length;
  throw unexpected(source);
}

function readEscaped(source: Source, start: number): string {
  try {
    return JSON.parse(source.text.slice(start, source.at));
  } catch {
    throw new JsonSyntaxError("string with a bad escape", start);
  }
}

function readNumber(source: Source): JsonNumber {
  const { text } = source;
  const start = source.at;
  if (text[source.at] === "-") source.at++;
  if (text.charCodeAt(source.at) === ZERO) source.at++;
  else readDigits(source);
  if (text[source.at] === ".") {
    source.at++;
    readDigits(source);
  }
  if (text[source.at] === "e" || text[source.at] === "E") {
    source.at++;
    if (text[source.at] === "+" || text[source.at] === "-") source.at++;
    readDigits(source);
  }
  return { token: text.slice(start, source.at) };
}

function readDigits(source: Source): void {
  if (!isDigit(source.text.charCodeAt(source.at))) throw unexpected(source);
  while (isDigit(source.text.charCodeAt(source.at))) source.at++;
}

const isDigit = (code: number): boolean => code >= ZERO && code <= 0x39;

function readWord<T>(source: Source, word: string, value: T): T {
  if (!source.text.startsWith(word, source.at)) throw unexpected(source);
  source.at += word.length;
  return value;
}

function unexpected({ text, at }: Source): JsonSyntaxError {
  const found = text.codePointAt(at);
  if (found === undefined) return new JsonSyntaxError("unexpected end of the JSON text", at);
  return new JsonSyntaxError(`unexpected ${JSON.stringify(String.fromCodePoint(found))}`, at);
}
