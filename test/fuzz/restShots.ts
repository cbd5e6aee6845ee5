import { type DescField, type DescMethod, hasOption, type Message } from "@bufbuild/protobuf";
import fc, { type Arbitrary } from "fast-check";
import { http } from "../../gen/google/api/annotations_pb.js";
import { type HttpRoute, httpRoutes } from "../../src/server/rest/httpRoutes.js";
import { fieldEncoder, messageEncoder } from "../../src/server/rest/messageEncoder.js";
import { queryName } from "../../src/server/rest/queryBinder.js";
import { enumTexts, fieldRule } from "../../src/server/rest/rules.js";
import { spoiltJson } from "./jsonText.js";
import { messagesOf } from "./messages.js";
import type { Shot } from "./shot.js";
import { hostileText, textFor, type Words } from "./words.js";

/** Requests for each REST route of `rpc`; null if it has none. */
export function restShots(rpc: DescMethod, known: Words): Arbitrary<Shot> | null {
  if (!hasOption(rpc, http)) return null;
  return fc.oneof(...httpRoutes(rpc).map((route) => routeShots(rpc, route, known)));
}

function routeShots(rpc: DescMethod, route: HttpRoute, known: Words): Arbitrary<Shot> {
  const headerFields = rpc.input.fields.filter((field) => fieldRule(field).header !== "");
  return fc
    .record({
      path: pathsOf(route, known),
      query: queriesOf(route, known),
      verb: mostly(
        route.verb as string,
        fc.constantFrom(
          "GET",
          "HEAD",
          "POST",
          "PUT",
          "PATCH",
          "DELETE",
          "OPTIONS",
          "TRACE",
          "BREW",
        ),
      ),
      body: route.body === "" ? mostly<Buffer | null>(null, anyBytes) : bodiesOf(rpc, route, known),
      bound: fc.record(
        Object.fromEntries(
          headerFields.map((field) => [fieldRule(field).header.toLowerCase(), headerText]),
        ),
        { requiredKeys: [] },
      ),
      extra: mostly<Record<string, string>>({}, extraHeaders),
      end: mostly<Shot["end"]>("well", fc.constant("reset")),
    })
    .map(({ path, query, verb, body, bound, extra, end }) => ({
      ...{ wire: "REST" as const, rpc, verb, end, path: query === "" ? path : `${path}?${query}` },
      headers: { ...(body !== null && { "content-type": "application/json" }), ...bound, ...extra },
      body: verb === "GET" || verb === "HEAD" || verb === "TRACE" ? null : body,
    }));
}

const mostly = <T>(usual: T, other: Arbitrary<T>): Arbitrary<T> =>
  fc.oneof({ weight: 14, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: other });

const anyBytes = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes));

/** Bytes of UTF-8, each behind a percent sign if it needs one; lone surrogates as the bytes that some write for them. */
const encode = (text: string): string =>
  text.replaceAll(/[^\w.~:-]+/g, (part) =>
    [...Buffer.from(part.replaceAll(/[\ud800-\udfff]/g, "\u{10ffff}"))]
      .map((byte) => `%${byte.toString(16).padStart(2, "0")}`)
      .join(""),
  );

/** What stands where text of a URL should. */
const badEscape = fc.constantFrom(
  "%",
  "%zz",
  "%00",
  "%c0%80",
  "%ed%a0%80",
  "%ff",
  "..",
  "%2e%2e%2f",
  "a%2fb",
  "+",
  "*",
  "%25",
);

const urlText = (field: DescField, known: Words): Arbitrary<string> =>
  fc.oneof(
    { weight: 12, arbitrary: fieldTexts(field, known).map(encode) },
    { weight: 1, arbitrary: badEscape },
  );

/** Texts for a field, in a URL or a header. */
function fieldTexts(field: DescField, known: Words): Arbitrary<string> {
  if (field.enum !== undefined) {
    const texts = [...enumTexts(field.enum).toNumber.keys()];
    return mostly(texts[0] ?? "", fc.constantFrom(...texts, "no-such", "Dummy-Pay"));
  }
  if (field.message !== undefined) {
    return fc.constantFrom(
      "2023-07-10T12:00:00Z",
      "2023-07-10T12:00:00.123456789+02:00",
      "2099-01-01T00:00:00Z",
      "9999-12-31T23:59:59Z",
      "yesterday",
      "2023-02-30T00:00:00Z",
      "-1",
    );
  }
  const texts = textFor(field.localName, known);
  const numbers = fc.constantFrom(
    "0",
    "1",
    "2",
    "5",
    "100",
    "1000",
    "1001",
    "-1",
    "1.5",
    "1e3",
    "18446744073709551615",
    "9223372036854775808",
    "9".repeat(300),
    "0x1",
    "true",
    "no",
    "maybe",
    " 1",
  );
  return field.scalar === 9 ? texts : numbers;
}

function pathsOf({ pattern, variables }: HttpRoute, known: Words): Arbitrary<string> {
  const parts = variables.map((field) => urlText(field, known));
  return fc
    .tuple(...parts)
    .map((texts) =>
      variables.reduce(
        (path, { name }, at) => path.replace(`:${name}`, () => texts[at] ?? ""),
        pattern,
      ),
    );
}

function queriesOf({ fields, body }: HttpRoute, known: Words): Arbitrary<string> {
  const bound = body === "*" ? [] : fields;
  const pairs = bound.flatMap((field) => {
    const values = urlText(field, known);
    const names = [queryName(field), ...fieldRule(field).queryAlias];
    if (!fieldRule(field).queryMap) {
      return [
        fc.tuple(fc.constantFrom(...names), values).map(([name, value]) => `${name}=${value}`),
      ];
    }
    const keys = fc.oneof(fc.constantFrom("kind", "a.b", "a][", ""), hostileText).map(encode);
    return [fc.tuple(keys, values).map(([key, value]) => `${queryName(field)}[${key}]=${value}`)];
  });
  const junk = fc.oneof(
    fc.constantFrom(
      "&&",
      "=",
      "a",
      "a=b",
      "[",
      "metadata[",
      "pageSize",
      "?",
      "cursor=e30",
      "cursor=bnVsbA",
      "preview=perhaps",
    ),
    fc.tuple(hostileText, hostileText).map(([name, value]) => `${encode(name)}=${encode(value)}`),
  );
  return fc
    .array(
      pairs.length === 0
        ? junk
        : fc.oneof({ weight: 6, arbitrary: fc.oneof(...pairs) }, { weight: 1, arbitrary: junk }),
      { maxLength: 4 },
    )
    .map((all) => all.join("&"));
}

const headerText = fc.constantFrom(
  "k1",
  "k2",
  "0",
  "7",
  "-1",
  "",
  "k".repeat(255),
  "k".repeat(256),
  "\u00e9",
);

const extraHeaders = fc.constantFrom<Record<string, string>[]>(
  { authorization: "Bearer x" },
  { authorization: "" },
  { "content-type": "text/plain" },
  { "content-type": "application/xml; charset=\u00e9" },
  { "content-encoding": "gzip" },
  { "content-encoding": "identity" },
  { "content-encoding": "br, gzip" },
  { accept: "text/event-stream" },
  { expect: "200-maybe" },
  { range: "bytes=0-1" },
  { "x-request-id": "a\tb" },
  { origin: "null" },
);

function bodiesOf(rpc: DescMethod, { body }: HttpRoute, known: Words): Arbitrary<Buffer> {
  const messages = messagesOf(rpc.input, known);
  const field = rpc.input.fields.find(({ name }) => name === body);
  const encodeBody =
    field === undefined
      ? messageEncoder(rpc.input)
      : (message: Message) =>
          fieldEncoder(field)(
            (message as unknown as Record<string, unknown>)[field.localName] as never,
          );
  return spoiltJson(
    messages.map((message) => {
      try {
        const text = encodeBody(message as never);
        JSON.parse(text);
        return text;
      } catch {
        // Times beyond all years, and JSON that is none: what is decoded can hold them, and JSON cannot.
        return "{}";
      }
    }),
  );
}
