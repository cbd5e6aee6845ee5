import { expect, test } from "vitest";
import { parseJson } from "../../../lib/parseJson.js";
import { type Http, ProviderError } from "../connector.js";
import { currencyCloud } from "./currencyCloud.js";

const config = {
  ...{ loginId: "me", apiKey: "key", pollingMs: 1000 },
  endpoint: "https://devapi.currencycloud.com",
};

/** A provider that answers those texts, or refuses with those statuses; and runs of the task that asks it. */
function stage(...answers: (string | number)[]) {
  const asked: string[] = [];
  const http: Http = {
    send: () => Promise.reject(new Error("not by this one")),
    async json({ path }) {
      asked.push(path.replace("/v2/transactions/find?order=created_at&order_asc_desc=asc&", ""));
      const body = answers.shift() ?? "null";
      if (typeof body === "number") throw new ProviderError(`answered ${body}`, { status: body });
      return { value: parseJson(body), answer: { status: 200, headers: {}, body } };
    },
  };
  const descriptor = { name: "Fetch transactions from client", key: "fetch-transactions" } as const;
  const { signal } = new AbortController();
  let state: object | undefined;

  /** One run; answers what went wrong. */
  async function run(): Promise<string> {
    const context = {
      config,
      descriptor,
      signal,
      http,
      clock: () => 0n,
      state,
      findTransfer: async () => null,
    };
    try {
      for await (const page of currencyCloud.taskOf(descriptor).run(context)) state = page.state;
      return "";
    } catch (error) {
      return (error as Error).message;
    }
  }
  return { run, asked, stateNow: () => state };
}

const page = (id: string, next?: number) =>
  JSON.stringify({
    transactions: [{ id }],
    pagination: next === undefined ? {} : { next_page: next },
  });

test.each([-1, 0, 1, undefined])("a next page of %o after the first is the end", async (next) => {
  const { run, asked, stateNow } = stage(page("a", next));
  expect(await run()).toBe("");
  expect(asked).toEqual(["page=1"]);
  expect(stateNow()).toEqual({});
});

test("a run that broke off goes on with its page; with the first if that one is gone", async () => {
  const { run, asked } = stage(page("a", 2), 500, 404, page("a"));
  expect(await run()).toBe("answered 500");
  expect(await run()).toBe("");
  expect(await run()).toBe("");
  expect(asked).toEqual(["page=1", "page=2", "page=2", "page=1"]);
});

test.each(["null", "[]", '{"transactions":{}}'])("%s is no page", async (answer) => {
  const { run } = stage(answer);
  expect(await run()).toBe("answered JSON without the list transactions");
});

test("it is not asked more often than it bears", () => {
  const quiet = { tooManyRestsMs: 60_000, refusedLoginRestsMs: 3_600_000 };
  expect(currencyCloud.http?.(config)).toMatchObject({ perSecond: 2, ...quiet });
  const endpoint = "https://api.currencycloud.com";
  expect(currencyCloud.http?.({ ...config, endpoint })).toMatchObject({ perSecond: 8, ...quiet });
});
