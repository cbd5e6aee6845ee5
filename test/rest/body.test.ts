import { expect, test } from "vitest";
import { type CallOptions, serveRest } from "./serveRest.js";

/** Sends a request to an RPC that keeps what it is asked, and gives both. */
async function ask(verb: string, path: string, options: CallOptions) {
  let seen: unknown;
  const keep = (request: unknown) => {
    seen = request;
    return { texts: ["kept"] };
  };
  const { send } = await serveRest({
    whole: keep,
    part: keep,
    labelled: keep,
    documented: keep,
    coloured: keep,
  });
  const answer = await send(verb, path, options);
  return { seen, status: answer.status, body: answer.body, headers: answer.headers };
}

async function refusal(verb: string, path: string, options: CallOptions): Promise<string> {
  const { seen, status, body } = await ask(verb, path, options);
  expect([seen, status, JSON.parse(body).errorCode]).toEqual([undefined, 400, "VALIDATION"]);
  return JSON.parse(body).errorMessage;
}

test('body "*": the request but for its path variables', async () => {
  const { seen, status } = await ask("POST", "/test/acme/whole", {
    body: '{"tenant":7,"name":"n","numbers":[{"amount":1}],"key":5}',
  });
  expect(seen).toMatchObject({ tenant: "acme", name: "n", numbers: [{ amount: "1" }], key: "" });
  expect(status).toBe(201);
});

test('body "*": the query says nothing', async () => {
  const { seen } = await ask("POST", "/test/acme/whole?name=a", { body: "{}" });
  expect(seen).toMatchObject({ tenant: "acme", name: "" });
});

test("body of one field: the query fills the rest", async () => {
  const { seen, body } = await ask("POST", "/test/part?preview=yes&text=no", {
    body: '{"text":"t"}',
  });
  expect(seen).toMatchObject({ preview: true, plain: { text: "t" } });
  expect(body, "response_body").toBe('["kept"]');
});

test.each(["application/x-www-form-urlencoded", "text/plain", "", "nonsense"])(
  "the content type %j is no matter",
  async (type) => {
    const { seen } = await ask("POST", "/test/part", {
      headers: { "content-type": type },
      body: '{"text":"t"}',
    });
    expect(seen).toMatchObject({ plain: { text: "t" } });
  },
);

test("no body is an empty message", async () => {
  const form = { "content-type": "application/x-www-form-urlencoded", "content-length": "0" };
  expect((await ask("POST", "/test/acme/whole", { headers: form })).seen).toMatchObject({
    tenant: "acme",
    name: "",
  });
  expect((await ask("POST", "/test/part", {})).seen).toMatchObject({ plain: { text: "" } });
  expect((await ask("PUT", "/test/colours/RED", {})).seen).toMatchObject({
    config: { config: { case: "red", value: { shade: "" } } },
  });
});

test("no body is no map and no document", async () => {
  expect(await refusal("PATCH", "/test/labels/1", {})).toBe("body is required");
  expect(await refusal("POST", "/test/documents/1", {})).toBe(
    "invalid metadata format: body is required",
  );
});

test.each(["null", "[]", '"a"', "1", "true"])("a document is an object, not %s", async (body) => {
  expect(await refusal("POST", "/test/documents/1", { body })).toBe(
    "invalid metadata format: body must be an object",
  );
});

test.each(["null", "[]", "1"])("a message is an object, not %s", async (body) => {
  expect(await refusal("POST", "/test/acme/whole", { body })).toBe("body must be an object");
});

test("invalid_body begins the message of every body that cannot be read", async () => {
  const part = (body: string | Uint8Array) => refusal("POST", "/test/part", { body });
  expect(await part('{"children":[{"int64Value":"1"}]}')).toBe(
    "invalid part format: children[0].int64Value must be an integer",
  );
  expect(await part("{")).toBe(
    "invalid part format: unexpected end of the JSON text at position 1",
  );
  expect(await part(" ")).toContain("invalid part format: unexpected end");
  expect(await part("{}{}")).toContain('invalid part format: unexpected "{"');
  expect(await part(new Uint8Array([0x22, 0xff, 0x22]))).toBe(
    "invalid part format: body is not UTF-8",
  );
});

test("without invalid_body the message stands for itself", async () => {
  expect(await refusal("POST", "/test/acme/whole", { body: '{"name":1}' })).toBe(
    "name must be a string",
  );
  expect(await refusal("POST", "/test/acme/whole", { body: "}" })).toBe(
    'invalid JSON: unexpected "}" at position 0',
  );
});

test("a byte order mark is skipped", async () => {
  const { seen } = await ask("POST", "/test/part", { body: '\ufeff{"text":"t"}' });
  expect(seen).toMatchObject({ plain: { text: "t" } });
});

test("the body is checked before the path and the query", async () => {
  expect(await refusal("POST", "/test/documents/x", { body: "[]" })).toContain("invalid metadata");
  expect(await refusal("POST", "/test/documents/x", { body: "{}" })).toBe(
    "invalid 'id' path param",
  );
  expect(await refusal("POST", "/test/part?preview=x", { body: "[]" })).toContain("invalid part");
  expect(await refusal("POST", "/test/part?preview=x", { body: "{}" })).toContain("'preview'");
});

test("null_as_empty holds for a body that is the map", async () => {
  const { seen, status, body, headers } = await ask("PATCH", "/test/labels/1", {
    body: '{"a":null}',
  });
  expect(seen).toMatchObject({ id: "1", labels: { a: "" } });
  expect([status, body]).toEqual([204, ""]);
  expect(headers).not.toHaveProperty("content-type");
});

test("variant_by: the path says which member of the oneof the body is", async () => {
  const coloured = async (colour: string, body: string) =>
    (await ask("PUT", `/test/colours/${colour}`, { body })).seen;
  expect(await coloured("RED", '{"shade":"dark","period":"x"}')).toMatchObject({
    colour: 1,
    config: { config: { case: "red", value: { shade: "dark" } } },
  });
  expect(await coloured("sky", '{"shade":1,"period":"1m"}')).toMatchObject({
    colour: 2,
    config: { config: { case: "lightBlue", value: { period: { seconds: 60n } } } },
  });
  expect(await refusal("PUT", "/test/colours/sky", { body: '{"period":"x"}' })).toContain(
    "period must be a duration",
  );
});
