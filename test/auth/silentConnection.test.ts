import { expect, onTestFinished, test } from "vitest";
import { openDatabase } from "../../src/db/database.js";
import { databaseProxy } from "../ledger/databaseProxy.js";
import { testDatabaseUrl } from "../support/database.js";
import { SECOND, testClock } from "./clock.js";
import { logIn, serve, startAuth } from "./startAuth.js";

test("a connection that has fallen silent holds up nobody who shows a token", async () => {
  const url = await testDatabaseUrl();
  const proxy = await databaseProxy(url);
  const db = openDatabase({ url, poolSize: 2 });
  // For as long as this test takes, nobody would find out that it is silent.
  const reserved = openDatabase({ url: proxy.url, poolSize: 2, silenceMs: 60_000 });
  onTestFinished(async () => {
    proxy.cut();
    await Promise.all([db.destroy(), reserved.destroy()]);
  });
  const clock = testClock();
  const auth = await startAuth(db, { reserved, clock: clock.now });
  const root = await serve(auth);
  const tokens = await Promise.all([logIn(root), logIn(root), logIn(root)]);
  const [first = "", ...others] = tokens;
  await auth.verify(first);
  clock.offset += 2n * SECOND;
  proxy.silence();
  const verdicts = await Promise.all(tokens.map(auth.verify));
  expect(verdicts.map(({ ok }) => ok)).toEqual([true, true, true]);
  // The silent one is still waited for.
  clock.offset += 2n * SECOND;
  for (const token of others) expect(await auth.verify(token)).toMatchObject({ ok: true });
});
