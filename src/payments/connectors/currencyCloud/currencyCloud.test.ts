import { expect, test } from "vitest";
import { parseJson } from "../../../lib/parseJson.js";
import { type Http, type HttpRequest, ProviderError } from "../connector.js";
import { currencyCloud } from "./currencyCloud.js";

const MINUTE = 60_000_000n;

/** A provider that answers those texts, or refuses with those statuses; and runs of the task that asks it. */
function stage(loginID: string, ...answers: (string | number)[]) {
  const asked: string[] = [];
  const answer = async ({ path, headers = {}, body = "" }: HttpRequest) => {
    const { "x-auth-token": token = "" } = typeof headers === "function" ? headers() : headers;
    asked.push(path.startsWith("/v2/auth") ? body : `${token} ${/page=\d+/.exec(path)}`);
    const text = answers.shift() ?? "null";
    if (typeof text === "number") throw new ProviderError(`answered ${text}`, { status: text });
    return { value: parseJson(text), answer: { status: 200, headers: {}, body: text } };
  };
  const http: Http = { send: () => Promise.reject(new Error("not by this one")), json: answer };
  const config = {
    ...{ loginID, apiKey: "key", pollingMs: 1000 },
    endpoint: "https://devapi.currencycloud.com",
  };
  const descriptor = { name: "Fetch transactions from client", key: "fetch-transactions" } as const;
  const signal = new AbortController().signal;
  let now = 1_688_990_400_000_000n;
  let state: object | undefined;

  /** One run; answers what went wrong. */
  async function run(): Promise<string> {
    const context = { config, descriptor, signal, http, clock: () => now };
    try {
      const stored = state && JSON.parse(JSON.stringify(state));
      for await (const page of currencyCloud
        .taskOf(descriptor)
        .run({ ...context, state: stored })) {
        state = page.state;
      }
      return "";
    } catch (error) {
      return (error as Error).message;
    }
  }
  const pass = (time: bigint) => {
    now += time;
  };
  return { run, pass, asked, config, stateNow: () => state };
}

const TOKEN = '{"auth_token":"t1"}';
const OTHER = '{"auth_token":"t2"}';
const page = (next?: number) =>
  JSON.stringify({ transactions: [], pagination: next === undefined ? {} : { next_page: next } });

test.each([-1, 0, 1, undefined])("a next page of %o after the first is the end", async (next) => {
  const { run, asked, stateNow } = stage(`end ${next}`, TOKEN, page(next));
  expect(await run()).toBe("");
  expect(asked).toEqual([`login_id=end+${next}&api_key=key`, "t1 page=1"]);
  expect(stateNow()).toEqual({});
});

test("one token is for all runs, until nobody has used it for a while", async () => {
  const { run, pass, asked } = stage("one", TOKEN, page(), page(), page(), OTHER, page());
  await run();
  pass(20n * MINUTE);
  await run();
  pass(20n * MINUTE);
  await run();
  pass(26n * MINUTE);
  await run();
  expect(asked).toEqual([
    "login_id=one&api_key=key",
    ...["t1 page=1", "t1 page=1", "t1 page=1"],
    "login_id=one&api_key=key",
    "t2 page=1",
  ]);
});

test("a token that has died is replaced once", async () => {
  const { run, asked } = stage("died", TOKEN, page(2), 401, OTHER, page());
  expect(await run()).toBe("");
  expect(asked.slice(2)).toEqual([...["t1 page=2", "login_id=died&api_key=key", "t2 page=2"]]);
});

test("whoever is refused with a new token too has no third one", async () => {
  const { run, asked } = stage("refused", TOKEN, 401, OTHER, 401);
  expect(await run()).toBe("answered 401");
  expect(asked).toHaveLength(4);
});

test("an installation that is removed leaves no token behind", async () => {
  const { run, config, asked } = stage("removed", TOKEN, page(), OTHER, page());
  await run();
  await currencyCloud.remove?.(config);
  await run();
  expect(asked.at(-1)).toBe("t2 page=1");
});

test.each([400, 401, 403])(
  "a login refused with %i is tried again after an hour",
  async (status) => {
    const { run, pass, asked } = stage(`no ${status}`, status, TOKEN, page());
    const refused = `failed to initiate client: unexpected status code: ${status}`;
    expect(await run()).toBe(refused);
    pass(59n * MINUTE);
    expect(await run()).toBe(refused);
    expect(asked).toHaveLength(1);
    pass(MINUTE);
    expect(await run()).toBe("");
    expect(asked).toHaveLength(3);
  },
);

test("a login that failed for another reason is tried again in the next period", async () => {
  const { run, asked } = stage("down", 503, '{"auth_token":""}', TOKEN, page());
  expect(await run()).toBe("failed to initiate client: unexpected status code: 503");
  expect(await run()).toBe("failed to initiate client: answered no auth_token");
  expect(await run()).toBe("");
  expect(asked).toHaveLength(4);
});

test("too many requests are followed by none for a minute, and then by the page that was due", async () => {
  const { run, pass, asked } = stage("many", TOKEN, page(2), 429, page());
  expect(await run()).toBe("answered 429");
  expect(await run()).toBe("answered 429");
  expect(asked).toHaveLength(3);
  pass(MINUTE);
  expect(await run()).toBe("");
  expect(asked.at(-1)).toBe("t1 page=2");
});

test("a run that broke off goes on with its page; with the first if that one is gone", async () => {
  const { run, asked } = stage("gone", TOKEN, page(2), 500, 404, page());
  expect(await run()).toBe("answered 500");
  expect(await run()).toBe("answered 404");
  expect(await run()).toBe("");
  expect(asked.slice(1)).toEqual(["t1 page=1", "t1 page=2", "t1 page=2", "t1 page=1"]);
});

test.each(["null", "[]", '{"transactions":{}}'])("%s is no page", async (answer) => {
  const { run } = stage(`bad ${answer}`, TOKEN, answer);
  expect(await run()).toBe("GET /v2/transactions/find: answered something that is no page");
});
