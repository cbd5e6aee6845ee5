import { Code, ConnectError } from "@connectrpc/connect";
import { expect, test } from "vitest";
import type { Log } from "../../gen/florin/ledger/v1/log_pb.js";
import { createImport, type ImportFailure } from "../../src/ledger/importLogs.js";
import type { Ledger } from "../../src/ledger/ledger.js";
import { createLongJobs } from "../../src/ledger/longJobs.js";
import { ok } from "../../src/lib/result.js";
import { contents } from "../support/contents.js";
import { clientOf } from "./client.js";
import { busyLedger, exported, importing, type Message } from "./importing.js";
import { transaction } from "./support.js";

/** Messages that are said when the test wants it; null is the end. */
function dictation() {
  const said: (Message | null)[] = [];
  let wake = () => {};
  return {
    say(message: Message | null) {
      said.push(message);
      wake();
    },
    async *messages(): AsyncGenerator<Message> {
      for (;;) {
        const message = said.shift();
        if (message === null) return;
        if (message !== undefined) yield message;
        else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    },
  };
}

/** Whether somebody holds the head of the ledger called `name`. */
const isLocked = async ({ db }: Ledger, name: string): Promise<boolean> => {
  const count = async (suffix: string) => {
    const sql = `/* test */ select from ledgers where name = ? ${suffix}`;
    return (await db.raw(sql, [name])).rows.length;
  };
  return (await count("")) === 1 && (await count("for update skip locked")) === 0;
};

/** Whether a transaction waits for a lock. */
const isWaiting = async ({ db }: Ledger): Promise<boolean> => {
  const { rows } = await db.raw(
    "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
  );
  return rows.length > 0;
};

test("while an import goes on, its ledger is written to by nobody, others are, even for the first time", async () => {
  const ledger = await busyLedger();
  const client = clientOf(ledger);
  const logs = await exported(client);
  const { messages, say } = dictation();
  const imported = client.importLogs(messages());
  say({ ledger: "copy", log: logs[0] as Log });
  await expect.poll(() => isLocked(ledger, "copy")).toBe(true);
  const write = ledger.write("copy", transaction("world > a 1 USD/2"));
  await expect.poll(() => isWaiting(ledger)).toBe(true);
  expect(await ledger.write("new", transaction("world > a 1 USD/2"))).toMatchObject({ ok: true });
  for (const log of logs.slice(1)) say({ log });
  say(null);
  expect(await imported).toMatchObject({ logs: 8n });
  expect(await write).toMatchObject({ value: { entries: [{ transaction: { txid: 4n } }] } });
});

test("of imports and writes that race for an empty ledger, the first wins", async () => {
  const ledger = await busyLedger();
  const client = clientOf(ledger);
  const logs = await exported(client);
  const codeOf = (call: Promise<unknown>) =>
    call.then(
      () => "imported",
      (error) => Code[ConnectError.from(error).code],
    );
  for (let round = 0; round < 5; round++) {
    const name = `race-${round}`;
    const [first, write, second] = await Promise.all([
      codeOf(importing(client, name, logs)),
      ledger.write(name, transaction("world > a 1 USD/2")),
      codeOf(importing(client, name, logs)),
    ]);
    const isWrittenFirst =
      write.ok &&
      write.value.entries.some((entry) => "transaction" in entry && entry.transaction.txid === 0n);
    const expected = isWrittenFirst
      ? ["FailedPrecondition", "FailedPrecondition"]
      : ["FailedPrecondition", "imported"];
    expect([first, second].toSorted()).toEqual(expected);
  }
});

test("an import that is cancelled leaves nothing", async () => {
  const ledger = await busyLedger();
  const client = clientOf(ledger);
  const logs = await exported(client);
  const rows = async () => (await contents(ledger.db)).filter((row) => !row.startsWith("ledgers"));
  const before = await rows();
  const { messages, say } = dictation();
  const absence = new AbortController();
  const imported = client.importLogs(messages(), { signal: absence.signal });
  for (const log of logs) say({ ledger: "copy", log });
  await expect.poll(() => isLocked(ledger, "copy")).toBe(true);
  absence.abort();
  await expect(imported).rejects.toMatchObject({ code: Code.Canceled });
  expect(await rows()).toEqual(before);
  expect((await client.listLedgers({})).ledgers).toEqual(["main"]);
  expect(await importing(client, "copy", logs)).toMatchObject({ logs: 8n });
});

test("an import whose client falls silent is given up, and another one can begin", async () => {
  const ledger = await busyLedger();
  const importLogs = createImport(ledger, createLongJobs(ledger.db), 50);
  async function* silent() {
    await new Promise(() => {});
    yield ok(null as never);
  }
  const { signal } = new AbortController();
  const stalled = await Promise.all([1, 2, 3, 4].map(() => importLogs("copy", silent(), signal)));
  expect(
    stalled.map((result) => (result.ok ? null : (result.failure as ImportFailure).kind)).toSorted(),
  ).toEqual(["import-stalled", "import-stalled", "import-stalled", "long-jobs-full"]);
  const client = clientOf(ledger);
  expect(await importing(client, "copy", await exported(client))).toMatchObject({ logs: 8n });
});
