import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { startTestApp, type TestApp } from "../support/app.js";
import { freshFolder } from "../support/freshFolder.js";
import { problemsOf } from "./published.js";

export interface Answer {
  readonly status: number;
  /** Undefined if there is no body. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look at what they expect there.
  readonly body: any;
}

export interface PaymentsApp extends TestApp {
  /** Calls `/api/payments<path>`; the answer must be as the published document says, or more. */
  call(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Where DUMMY-PAY may use files. */
  readonly root: string;
}

/** The whole server, with a folder for DUMMY-PAY. */
export async function startPaymentsApp(variables: NodeJS.ProcessEnv = {}): Promise<PaymentsApp> {
  const root = await freshFolder();
  const app = await startTestApp({ DUMMY_PAY_ROOT: root, ...variables });
  return { ...app, root, call: callWith(app.url, await app.token()) };
}

export const callWith =
  (url: string, token: string): PaymentsApp["call"] =>
  async (method, path, body) => {
    const response = await fetch(`${url}/api/payments${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer = { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
    const problems = problemsOf(method, `/api/payments${path}`, answer.status, answer.body);
    expect(problems, "the published document does not allow this").toEqual([]);
    return answer;
  };

/** A configuration of DUMMY-PAY that reads often and writes next to never. */
export const READS_ONLY = {
  directory: "files",
  filePollingPeriod: "100ms",
  fileGenerationPeriod: "10000h",
};

const PREFIX = "dummypay-generated-file";

/** Puts a file there that DUMMY-PAY takes for a payment of 100 coins, but for `changes`. */
export async function putFile(root: string, name: string, changes: object = {}): Promise<void> {
  await mkdir(join(root, "files"), { recursive: true });
  const payment = {
    ...{ reference: name, amount: 100, type: "PAY-IN", status: "PENDING" },
    ...{ scheme: "visa", asset: "DUMMYCOIN", rawData: { name } },
    ...changes,
  };
  await writeFile(join(root, "files", `${PREFIX}-${name}.json`), JSON.stringify(payment));
}
