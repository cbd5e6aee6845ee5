import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { startTestApp } from "../support/app.js";

const sections = readFileSync("docs/guides/recipes.md", "utf8").split("\n## ").slice(1);

const tokensOf = (text: string): string[] =>
  [...text.matchAll(/`([^`]+)`/g)].map(([, token = ""]) => token);

/** What a recipe says: what there is before, its variables, and each script with the postings that come of it. */
function read(section: string) {
  const given = tokensOf(/^Given (.*)$/m.exec(section)?.[1] ?? "");
  const scripts = [...section.matchAll(/```num\n(.*?)```/gs)].map(([, script = ""]) => script);
  const tables = [...section.matchAll(/\| --- \|.*\n((?:\|.*\n?)+)/g)].map(([, rows = ""]) => rows);
  return {
    name: section.split("\n")[0] ?? "",
    given: given.filter((token) => !token.startsWith("$")).map((token) => token.split(/: (.*)/)),
    vars: Object.fromEntries(
      given.filter((token) => token.startsWith("$")).map((token) => token.slice(1).split(" = ")),
    ),
    steps: scripts.map((plain, index) => ({ plain, postings: postingsIn(tables[index] ?? "") })),
  };
}

const postingsIn = (rows: string) =>
  rows
    .trim()
    .split("\n")
    .map((row) => {
      const [, source, destination, money = ""] = row.split(/\s*\|\s*/);
      const [asset, amount] = money.split(" ");
      return { source, destination, asset, amount: Number(amount) };
    });

test("there are ten recipes", () => expect(sections).toHaveLength(10));

test("each recipe does what its table says", async () => {
  const app = await startTestApp();
  const authorization = `Bearer ${await app.token()}`;
  async function post(path: string, body: object) {
    const response = await fetch(`${app.url}/api/ledger/${path}`, {
      ...{ method: "POST", headers: { authorization }, body: JSON.stringify(body) },
    });
    const text = await response.text();
    expect(response.ok, text).toBe(true);
    return text && JSON.parse(text).data[0];
  }

  for (const [index, section] of sections.entries()) {
    const { name, given, vars, steps } = read(section);
    const ledger = `recipe-${index + 1}`;
    for (const [account = "", what = ""] of given) {
      if (what.startsWith("{")) {
        await post(`${ledger}/accounts/${account}/metadata`, JSON.parse(what));
        continue;
      }
      const [asset, amount] = what.split(" ");
      const posting = { source: "world", destination: account, asset, amount: Number(amount) };
      await post(`${ledger}/transactions`, { postings: [posting] });
    }
    expect(steps.length, name).toBeGreaterThan(0);
    for (const { plain, postings } of steps) {
      const done = await post(`${ledger}/transactions`, { script: { plain, vars } });
      expect(done.postings, name).toEqual(postings);
    }
  }
});
