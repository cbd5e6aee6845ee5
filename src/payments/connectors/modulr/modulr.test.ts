import { expect, test } from "vitest";
import { parseJson } from "../../../lib/parseJson.js";
import { type Http, type Page, ProviderError } from "../connector.js";
import { modulr } from "./modulr.js";

const descriptor = {
  name: "Fetch transactions from client by account",
  key: "fetch-transactions",
  accountID: "A1",
} as const;

const config = {
  ...{ apiKey: "key", apiSecret: "secret", pollingMs: 1000 },
  endpoint: "https://api-sandbox.modulrfinance.com/api-sandbox",
};

/** Runs of the task that reads account A1, each from where the last one came; answers of null are errors. */
function stage(...answers: (object | null)[]) {
  const asked: string[] = [];
  let state: object | undefined;
  const http: Http = {
    send: () => Promise.reject(new Error("not by this connector")),
    async json({ path }) {
      asked.push(path.replace("&size=500", ""));
      const answer = answers.shift() ?? null;
      if (answer === null) throw new ProviderError("answered 500", { status: 500 });
      const body = JSON.stringify(answer);
      return { value: parseJson(body), answer: { status: 200, headers: {}, body } };
    },
  };
  async function run(): Promise<Page<typeof descriptor>[]> {
    const pages: Page<typeof descriptor>[] = [];
    const context = {
      config,
      descriptor,
      http,
      clock: () => 0n,
      state,
      findTransfer: async () => null,
    };
    const { signal } = new AbortController();
    for await (const page of modulr.taskOf(descriptor).run({ ...context, signal })) {
      pages.push(page as Page<typeof descriptor>);
      state = page.state;
    }
    return pages;
  }
  return { run, asked };
}

const page = (id: string, totalPages: number) => ({
  content: [{ id, type: "PI_FAST", amount: "1.50" }],
  totalPages,
});

const referencesOf = (pages: readonly Page<typeof descriptor>[]) =>
  pages.flatMap(({ payments = [] }) => payments.map(({ reference, asset }) => [reference, asset]));

test("a run that broke off goes on with the page that it had not read, the next one begins anew", async () => {
  const currency = { currency: "EUR" };
  const { run, asked } = stage(
    ...[page("a", 3), currency, page("b", 3), null],
    ...[page("c", 3), currency],
    ...[page("a", 1), currency],
  );
  await expect(run()).rejects.toThrow("answered 500");
  expect(referencesOf(await run())).toEqual([["c", "EUR/2"]]);
  expect(referencesOf(await run())).toEqual([["a", "EUR/2"]]);
  const [transactions, account] = ["/accounts/A1/transactions", "/accounts/A1"];
  expect(asked).toEqual([
    ...[`${transactions}?page=0`, account, `${transactions}?page=1`, `${transactions}?page=2`],
    ...[`${transactions}?page=2`, account],
    ...[`${transactions}?page=0`, account],
  ]);
});

test("where it is not said how many pages there are, they end with an empty one", async () => {
  const bare = (ids: string[]) => ({ content: ids.map((id) => ({ ...ITEM, id })) });
  const { run, asked } = stage(bare(["a"]), bare(["b"]), bare([]));
  expect(referencesOf(await run()).map(([reference]) => reference)).toEqual(["a", "b"]);
  expect(asked).toHaveLength(3);
});

test("transactions of no known currency are named if the account does not tell it either", async () => {
  const { run } = stage(page("a", 1), null);
  expect(await run()).toMatchObject([
    { payments: [], problems: ['payment "a": unknown currency ""'], state: {} },
  ]);
});

test.each([[[]], [{}], [{ content: {}, totalPages: 1 }]])("%j is no page", async (answer) => {
  await expect(stage(answer).run()).rejects.toThrow("answered JSON without the list content");
});

test("no two requests are signed alike, and the sandbox for keys is given the key", () => {
  const { headers } = modulr.http?.(config) ?? {};
  const [one, other] = [headers?.(), headers?.()];
  expect(one?.["authorization"]).toMatch(/^Signature keyId="key",/);
  expect(Math.abs(Date.parse(one?.["date"] ?? "") - Date.now())).toBeLessThan(60_000);
  expect(one?.["date"]).toMatch(/ GMT$/);
  expect(one?.["x-mod-nonce"]).not.toBe(other?.["x-mod-nonce"]);
  const endpoint = `${config.endpoint}-token`;
  expect(modulr.http?.({ ...config, endpoint }).headers?.()).toEqual({ authorization: "key" });
});

const ITEM = { type: "PI_FAST", amount: "1.50", currency: "GBP" };
