import { Code } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { ScriptRuntime } from "../../gen/florin/ledger/v1/transaction_pb.js";
import { clientOf, type LedgerClient, refusal } from "./client.js";
import { send } from "./scripts.js";
import { testLedger, transaction } from "./support.js";

async function client(): Promise<LedgerClient> {
  const ledger = await testLedger();
  await ledger.write("main", transaction("world > a 5 USD/2", { reference: "used" }));
  return clientOf(ledger);
}

const PLAYGROUND = "https://play.numscript.org/?payload=";

test("a script is committed with its variables, on both RPCs alike", async () => {
  const rpc = await client();
  const script = {
    plain: "vars { monetary $m account $to } send $m (source = @world destination = $to)",
    vars: { m: `ETH/18 ${10n ** 30n}`, to: "b" },
  };
  const { data } = await rpc.createTransaction({ ledger: "main", transaction: { script } });
  const posting = { source: "world", destination: "b", asset: "ETH/18", amount: `${10n ** 30n}` };
  expect(data).toMatchObject([{ txid: 1n, postings: [posting] }]);
  const run = await rpc.runScript({ ledger: "main", script });
  expect(run).toMatchObject({ errorCode: "", transaction: { txid: 2n, postings: [posting] } });
});

test("every problem of a script is told at once, with its place", async () => {
  const rpc = await client();
  const plain = "send [USD/2 1] (\n  source = $from\n  destination = $to\n)";
  const told = await refusal(
    rpc.createTransaction({ ledger: "main", transaction: { script: { plain } } }),
  );
  expect(told).toMatchObject({
    code: Code.InvalidArgument,
    errorCode: "COMPILATION_FAILED",
    reason: "SCRIPT_INVALID",
    message: expect.stringMatching(/^\[COMPILATION_FAILED\] 2:12 .*\n3:17 .*$/),
    facts: { count: "2" },
  });
  expect(JSON.parse(told.facts["problems"] ?? "")).toMatchObject([
    { kind: "unbound-variable", line: 2, column: 12 },
    { kind: "unbound-variable", line: 3, column: 17 },
  ]);
});

test("missing money is told with its numbers", async () => {
  const rpc = await client();
  const script = { plain: `${send("a > b 2 USD/2")}\n${send("a > b 7 USD/2")}` };
  expect(
    await refusal(rpc.createTransaction({ ledger: "main", transaction: { script } })),
  ).toMatchObject({
    code: Code.FailedPrecondition,
    errorCode: "INSUFFICIENT_FUND",
    reason: "SCRIPT_INSUFFICIENT_FUNDS",
    message: "[INSUFFICIENT_FUND] account had insufficient funds",
    facts: { account: "a", asset: "USD/2", needed: "7", available: "3", line: "2" },
  });
});

test("what RunScript refuses is an answer, with a transaction of nothing", async () => {
  const rpc = await client();
  const script = { plain: send("a > b 7 USD/2") };
  expect(await rpc.runScript({ ledger: "main", script })).toMatchObject({
    errorCode: "INSUFFICIENT_FUND",
    errorMessage: "account had insufficient funds",
    details: expect.stringContaining(PLAYGROUND),
    transaction: {
      txid: 0n,
      reference: "",
      postings: [],
      metadata: {},
      timestamp: { seconds: -62_135_596_800n, nanos: 0 },
    },
  });
});

test("what is wrong with a call to RunScript is an error", async () => {
  const rpc = await client();
  const script = { plain: send("world > b 1 USD/2") };
  const reasonOf = async (request: Parameters<typeof rpc.runScript>[0]) =>
    (await refusal(rpc.runScript(request))).reason;
  expect(await reasonOf({ ledger: "_x", script })).toBe("INVALID_LEDGER_NAME");
  const reference = "r".repeat(1025);
  expect(await reasonOf({ ledger: "main", script: { ...script, reference } })).toBe(
    "INVALID_REFERENCE",
  );
  const runtime = 7 as ScriptRuntime;
  expect(await reasonOf({ ledger: "main", script: { ...script, runtime } })).toBe(
    "INVALID_RUNTIME",
  );
  await rpc.runScript({ ledger: "main", script, idempotencyKey: "k" });
  expect(await reasonOf({ ledger: "main", script: { plain: "fail" }, idempotencyKey: "k" })).toBe(
    "IDEMPOTENCY_KEY_REUSED",
  );
});

test("RunScript without a script says so", async () => {
  const rpc = await client();
  expect(await rpc.runScript({ ledger: "main" })).toMatchObject({
    errorCode: "NO_SCRIPT",
    errorMessage: "no script to execute",
  });
});

test("a repeated RunScript gets the first answer, flagged; a refusal is not repeated", async () => {
  const rpc = await client();
  const hits: (string | null)[] = [];
  const onHeader = (headers: Headers) => hits.push(headers.get("Idempotency-Hit"));
  const request = { ledger: "main", idempotencyKey: "k" };
  const poor = { ...request, script: { plain: send("a > b 7 USD/2") } };
  expect((await rpc.runScript(poor, { onHeader })).errorCode).toBe("INSUFFICIENT_FUND");
  const script = { plain: send("a > b 5 USD/2") };
  const first = await rpc.runScript({ ...request, script }, { onHeader });
  expect(await rpc.runScript({ ...request, script }, { onHeader })).toEqual(first);
  expect(hits).toEqual([null, null, "true"]);
});

test("a key that paid by one RPC is a repetition on the other", async () => {
  const rpc = await client();
  const script = { plain: send("world > b 1 USD/2"), runtime: ScriptRuntime.MACHINE };
  const first = await rpc.runScript({ ledger: "main", script, idempotencyKey: "k" });
  const { data } = await rpc.createTransaction({
    ledger: "main",
    transaction: { script },
    idempotencyKey: "k",
  });
  expect(data).toEqual([first.transaction]);
});

test("a script in a stream of transactions is answered in its turn", async () => {
  const rpc = await client();
  async function* requests() {
    yield { ledger: "main", transaction: { script: { plain: send("world > b 1 USD/2") } } };
    yield { transaction: { script: { plain: send("b > c 2 USD/2") } } };
    yield { transaction: { script: { plain: send("b > c 1 USD/2") } } };
  }
  const answers = [];
  for await (const { result } of rpc.streamTransactions(requests())) answers.push(result);
  expect(answers).toMatchObject([
    { case: "transaction", value: { txid: 1n } },
    { case: "refusal", value: { errorCode: "INSUFFICIENT_FUND" } },
    { case: "transaction", value: { txid: 2n } },
  ]);
});
