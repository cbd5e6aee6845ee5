import { expect, test } from "vitest";
import { parseJson } from "../../../lib/parseJson.js";
import { type Http, type HttpRequest, ProviderError } from "../connector.js";
import { modulrClient } from "./client.js";

const config = {
  ...{ apiKey: "key", apiSecret: "secret", pollingMs: 1000 },
  endpoint: "https://api-sandbox.modulrfinance.com/api-sandbox",
};

/** A client that is answered those texts; numbers are statuses of refusals. */
function clientOf(...answers: (string | number)[]) {
  const asked: HttpRequest[] = [];
  const http: Http = {
    send: () => Promise.reject(new Error("not by this client")),
    async json(request) {
      asked.push(request);
      const body = answers.shift() ?? "null";
      if (typeof body === "number") throw new ProviderError(`answered ${body}`, { status: body });
      return { value: parseJson(body), answer: { status: 200, headers: {}, body } };
    },
  };
  const client = modulrClient({ http, config, clock: () => 1_688_990_400_000_000n });
  return { client, asked, paths: () => asked.map(({ path }) => path) };
}

const page = (ids: string[], totalPages: number) =>
  JSON.stringify({ content: ids, size: 500, totalPages });

async function all(pages: AsyncGenerator<{ items: readonly unknown[]; next: number | null }>) {
  const read = [];
  for await (const { items, next } of pages) read.push([...items, next]);
  return read;
}

test("pages are read until there are no more", async () => {
  const { client, paths } = clientOf(page(["a"], 3), page(["b"], 3), page(["c"], 3));
  expect(await all(client.pages("/accounts", 0))).toEqual([
    ["a", 1],
    ["b", 2],
    ["c", null],
  ]);
  expect(paths()).toEqual([
    "/accounts?page=0&size=500",
    "/accounts?page=1&size=500",
    "/accounts?page=2&size=500",
  ]);
});

test("an empty page is the last one, whatever it says", async () => {
  const { client } = clientOf(page([], 3));
  expect(await all(client.pages("/accounts", 0))).toEqual([[null]]);
});

test("who goes on with a page that is there no more begins again", async () => {
  const { client, paths } = clientOf(404, page(["a"], 1));
  expect(await all(client.pages("/accounts", 7))).toEqual([[0], ["a", null]]);
  expect(paths()).toEqual(["/accounts?page=7&size=500", "/accounts?page=0&size=500"]);
});

test("who is refused at the first page is refused", async () => {
  const { client } = clientOf(404);
  await expect(all(client.pages("/accounts", 0))).rejects.toThrow("answered 404");
});

test.each(["null", "[]", "{}", '{"content":{},"totalPages":1}', '{"content":[]}'])(
  "%s is no page",
  async (answer) => {
    const { client } = clientOf(answer);
    await expect(all(client.pages("/accounts", 0))).rejects.toThrow(
      "GET /accounts: answered something that is no page",
    );
  },
);

test("each attempt is signed anew", async () => {
  const { client, asked } = clientOf('{"currency":"GBP"}');
  expect(await client.currencyOf("A/1")).toBe("GBP");
  expect(asked[0]?.path).toBe("/accounts/A%2F1");
  const headers = asked[0]?.headers as () => Record<string, string>;
  const [one, other] = [headers(), headers()];
  expect(one["date"]).toBe("Mon, 10 Jul 2023 12:00:00 GMT");
  expect(one["x-mod-nonce"]).not.toBe(other["x-mod-nonce"]);
});
