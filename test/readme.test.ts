import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { expect, test, vi } from "vitest";
import { startTestApp } from "./support/app.js";

vi.setConfig({ testTimeout: 120_000 });

const run = promisify(execFile);

/** What each block of README.md that is marked as runnable must print. */
const OUTPUTS: Record<string, (output: string) => void> = {
  curl(output) {
    const account = '{"data":{"address":"users:alice","metadata":{},"volumes":';
    const [transaction = "", rest = ""] = output.split(account);
    expect(JSON.parse(transaction)).toMatchObject({
      data: [{ txid: 0, postings: [{ destination: "users:alice", amount: 1999 }] }],
    });
    expect(JSON.parse(account + rest).data.balances).toEqual({ "EUR/2": 1999 });
  },
  numscript(output) {
    const [{ txid, postings }] = JSON.parse(output).data;
    const shares = postings.map(
      ({ destination, amount }: { destination: string; amount: number }) => [destination, amount],
    );
    expect([txid, shares]).toEqual([
      1,
      [
        ["fees", 100],
        ["shops:7", 899],
      ],
    ]);
  },
  grpc: (output) => expect(output).toBe("committed transaction 2\n"),
  sdk: (output) => expect(output).toBe("carol holds 250 cents\n"),
};

/** How a block is run, by its language: from the root of the repository, as its reader would. */
const PROGRAMS: Record<string, string[]> = {
  sh: ["sh", "-c"],
  js: ["node", "--input-type=module", "--eval"],
};

const readme = readFileSync("README.md", "utf8");
const blocks = [...readme.matchAll(/<!-- runnable: (\S+) -->\n```(\w+)\n(.*?)\n```\n/gs)].map(
  ([, name = "", language = "", code = ""]) => ({ name, language, code }),
);

test("what the README shows works as it stands there, but for the port", async () => {
  expect(blocks.map(({ name }) => name)).toEqual(Object.keys(OUTPUTS));
  expect(readme.match(/runnable:/g)).toHaveLength(blocks.length);
  const app = await startTestApp();
  const env = {
    ...process.env,
    PUBLIC_URL: app.url,
    BOOTSTRAP_CLIENT_ID: app.clientId,
    BOOTSTRAP_CLIENT_SECRET: app.clientSecret,
    FLORIN_CLIENT_ID: app.clientId,
    FLORIN_CLIENT_SECRET: app.clientSecret,
    TOKEN: await app.token(),
  };
  for (const { name, language, code } of blocks) {
    const [program = "", ...args] = PROGRAMS[language] ?? expect.unreachable(language);
    const here = code.replaceAll("localhost:8080", `localhost:${app.port}`);
    const { stdout } = await run(program, [...args, here], { env });
    OUTPUTS[name]?.(stdout);
  }
});
