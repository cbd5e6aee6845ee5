import { Code } from "@connectrpc/connect";
import { expect, test, vi } from "vitest";
import { createFlorin as createBrowserFlorin } from "../../sdk/src/browser.js";
import { createFlorin, FlorinError, InsufficientFundsError } from "../../sdk/src/node.js";
import { startTestApp } from "../support/app.js";

vi.setConfig({ testTimeout: 60_000 });

const ledger = "main";
const asset = "EUR/2";

/** What `call` fails with. */
const failureOf = (call: Promise<unknown>) =>
  call.then(
    () => expect.unreachable(),
    (error: unknown) => error,
  );

test.each([
  ["gRPC", createFlorin],
  ["fetch", createBrowserFlorin],
])("over %s, who cannot pay is told by account, asset and exact amounts", async (_, create) => {
  const { url, clientId, clientSecret } = await startTestApp();
  const { ledger: ledgers } = create({ baseUrl: url, clientId, clientSecret });
  const pay = (source: string, destination: string, amount: string) =>
    ledgers.createTransaction({
      ledger,
      transaction: { postings: [{ source, destination, asset, amount }] },
    });
  const huge = "12345678901234567890";
  await pay("world", "users:1", huge);

  const posted = await failureOf(pay("users:1", "shops:7", `${huge}0`));
  expect(posted).toBeInstanceOf(InsufficientFundsError);
  expect(posted).toBeInstanceOf(FlorinError);
  expect(posted).toMatchObject({
    name: "InsufficientFundsError",
    code: Code.FailedPrecondition,
    errorCode: "INSUFFICIENT_FUND",
    reason: "INSUFFICIENT_FUNDS",
    account: "users:1",
    asset,
    needed: 123456789012345678900n,
    available: 12345678901234567890n,
  });

  const plain = `send [${asset} 9] (source = @users:2 destination = @shops:7)`;
  const scripted = await failureOf(
    ledgers.createTransaction({ ledger, transaction: { script: { plain } } }),
  );
  expect(scripted).toBeInstanceOf(InsufficientFundsError);
  expect(scripted).toMatchObject({ asset, needed: 9n, available: 0n });

  await pay("users:1", "shops:7", huge);
  const reverted = await failureOf(ledgers.revertTransaction({ ledger, txid: 0n }));
  expect(reverted).toBeInstanceOf(InsufficientFundsError);
  expect(reverted).toMatchObject({
    account: "users:1",
    needed: 12345678901234567890n,
    available: 0n,
  });

  const other = await failureOf(pay("world", "", "1"));
  expect(other).toBeInstanceOf(FlorinError);
  expect(other).not.toBeInstanceOf(InsufficientFundsError);
});
