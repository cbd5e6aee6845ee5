import { expect, test } from "vitest";
import { startTestApp } from "../support/app.js";

/** A server, and how to send it JSON as text. */
async function server() {
  const app = await startTestApp({ AUTH_ENABLED: "false" });
  const post = async (
    path: string,
    body: object | string,
    headers: Record<string, string> = {},
  ) => {
    const response = await fetch(`${app.url}/api/ledger/main${path}`, {
      method: "POST",
      body: typeof body === "string" ? body : JSON.stringify(body),
      headers: { "content-type": "application/json", ...headers },
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: JSON.parse(text) };
  };
  const postings = [{ source: "world", destination: "poor", amount: 5, asset: "USD/2" }];
  await post("/transactions", { postings, reference: "used", timestamp: "2023-07-10T12:00:00Z" });
  return { post };
}

const SEND = "send [USD/2 1] (source = @world destination = @a)";

const ZERO = {
  postings: [],
  reference: "",
  metadata: {},
  txid: 0,
  timestamp: "0001-01-01T00:00:00Z",
};

const linkTo = (text: string) =>
  `https://play.numscript.org/?payload=${Buffer.from(JSON.stringify({ error: text })).toString("base64")}`;

test("both routes commit a script and show its transaction in their own shape", async () => {
  const { post } = await server();
  const script = { plain: `${SEND} set_tx_meta("n", 1) set_account_meta(@a, "k", "v")` };
  const created = await post("/transactions", { script, metadata: { m: [1] } });
  const posting = { source: "world", destination: "a", amount: 1, asset: "USD/2" };
  const transaction = {
    postings: [posting],
    txid: 1,
    metadata: { m: [1], n: { type: "number", value: 1 } },
  };
  expect(created).toMatchObject({ status: 200, body: { data: [transaction] } });
  const run = await post("/script", { ...script, reference: "r", metadata: {} });
  expect(run).toMatchObject({
    status: 200,
    body: { transaction: { postings: [posting], txid: 2, reference: "r" } },
  });
  expect(Object.keys(run.body)).toEqual(["transaction"]);
});

const PAST =
  "cannot pass a timestamp prior to the last transaction: 2023-07-10T11:59:59Z (passed) is 1s before 2023-07-10T12:00:00Z (last)";

const portions = `vars { portion $x } send [USD/2 9] (
  source = @world
  destination = { $x to @a 1/2 to @b remaining to @c }
)`;

interface Refusal {
  readonly plain: string;
  /** What is sent with it. */
  readonly sent?: object;
  readonly vars?: object;
  readonly code: string;
  readonly text: string | RegExp;
}

const REFUSALS: readonly Refusal[] = [
  { plain: SEND, sent: { timestamp: "2023-07-10T11:59:59Z" }, code: "VALIDATION", text: PAST },
  {
    plain: SEND,
    sent: { reference: "used" },
    code: "CONFLICT",
    text: "conflict error on reference",
  },
  { plain: "send [USD/2 1] (source = @world)", code: "COMPILATION_FAILED", text: /^1:32 / },
  {
    plain: `vars { account $x } ${SEND}`,
    code: "COMPILATION_FAILED",
    text: "could not set variables: missing variable $x",
  },
  {
    plain: SEND,
    vars: { x: "1" },
    code: "COMPILATION_FAILED",
    text: "could not set variables: extraneous variable $x",
  },
  {
    plain: `vars { account $x } ${SEND}`,
    vars: { x: "a b" },
    code: "COMPILATION_FAILED",
    text: /^could not set variables: invalid JSON value for variable \$x of type account: value a b: accounts should respect pattern /,
  },
  {
    plain: `vars { monetary $x } ${SEND}`,
    vars: { x: { asset: "COIN", amount: -1 } },
    code: "COMPILATION_FAILED",
    text: "could not set variables: invalid JSON value for variable $x of type monetary: value [COIN -1]: negative amount",
  },
  {
    plain: `vars { account $x = meta(@poor, "k") } ${SEND}`,
    code: "COMPILATION_FAILED",
    text: /missing key k in metadata for account poor$/,
  },
  {
    plain: `vars { monetary $x = balance(@world, USD/2) } ${SEND}`,
    code: "COMPILATION_FAILED",
    text: /negative/,
  },
  {
    plain: "send [USD/2 6] (source = @poor destination = @a)",
    code: "INSUFFICIENT_FUND",
    text: "account had insufficient funds",
  },
  {
    plain: `${SEND} set_tx_meta("k", 1)`,
    sent: { metadata: { k: 1 } },
    code: "METADATA_OVERRIDE",
    text: "cannot override metadata from script",
  },
  {
    plain: "send [USD/2 0] (source = @world destination = @a)",
    code: "VALIDATION",
    text: "transaction has no postings",
  },
  { plain: `${SEND} fail`, code: "VALIDATION", text: /the script says fail$/ },
  {
    plain: "send [USD/2 1] + [GEM 1] (source = @world destination = @a)",
    code: "COMPILATION_FAILED",
    text: /GEM/,
  },
  {
    plain: "send [USD/2 1] (source = max [GEM 1] from @poor destination = @a)",
    code: "COMPILATION_FAILED",
    text: /GEM/,
  },
  { plain: portions, vars: { x: "3/4" }, code: "COMPILATION_FAILED", text: /5\/4/ },
];

test("what is refused has the contract's code, message and link, on each route in its own way", async () => {
  const { post } = await server();
  for (const { plain, vars, sent, code, text } of REFUSALS) {
    const script = { plain, ...(vars && { vars }) };
    const run = await post("/script", { ...script, ...sent });
    const message: string = run.body.errorMessage;
    expect(run.status, plain).toBe(200);
    expect(message).toEqual(typeof text === "string" ? text : expect.stringMatching(text));
    expect(run.body).toEqual({
      errorCode: code,
      errorMessage: message,
      error_code: code,
      error_message: message,
      ...(code !== "VALIDATION" && { details: linkTo(message) }),
      transaction: ZERO,
    });

    const created = await post("/transactions", { script, ...sent });
    const isOfScript = code !== "VALIDATION" && code !== "CONFLICT";
    const told = isOfScript ? `[${code}] ${message}` : message;
    expect(created.status, plain).toBe(code === "CONFLICT" ? 409 : 400);
    expect(created.body).toEqual({
      errorCode: code,
      errorMessage: told,
      error_code: code,
      error_message: told,
      ...(isOfScript && { details: linkTo(message) }),
    });
  }
});

test("without a text, /script has nothing to run and /transactions neither", async () => {
  const { post } = await server();
  for (const body of [{}, { plain: "" }, { plain: "", vars: {} }]) {
    expect(await post("/script", body)).toMatchObject({
      status: 200,
      body: {
        errorCode: "NO_SCRIPT",
        errorMessage: "no script to execute",
        details: linkTo("no script to execute"),
        transaction: ZERO,
      },
    });
  }
  expect(await post("/transactions", { script: { plain: "" } })).toMatchObject({
    status: 400,
    body: {
      errorCode: "VALIDATION",
      errorMessage: "invalid payload: should contain either postings or script",
    },
  });
});

test("several problems are several lines, which the link shows as lines too", async () => {
  const { post } = await server();
  const plain = "send [USD/2 1] (\n  source = $a\n  destination = $b\n)";
  const { body } = await post("/transactions", { script: { plain } });
  expect(body.errorMessage).toMatch(/^\[COMPILATION_FAILED\] 2:12 .+\n3:17 .+$/);
  const payload = body.details.split("payload=")[1];
  const { error } = JSON.parse(Buffer.from(payload, "base64").toString());
  expect(error).toMatch(/^2:12 .+\r\n3:17 .+$/);
});

test("variables come as texts, as numbers and as amounts, to their last digit", async () => {
  const { post } = await server();
  const big = "123456789012345678901234567890";
  const plain = `vars { account $a asset $s number $n monetary $m portion $p string $t }
    send $m (source = @world destination = { $p to $a remaining to @rest })
    send [$s $n] (source = @world destination = $a)
    set_tx_meta("t", $t)`;
  const forms = [
    `{"asset":"ETH/18","amount":${big}}`,
    `{"asset":"ETH/18","amount":"${big}"}`,
    `"ETH/18 ${big}"`,
  ];
  for (const money of forms) {
    for (const [number, portion] of [
      [big, '"12.5%"'],
      [`"${big}"`, '"1/8"'],
    ]) {
      const vars = `{"a":"users:1","s":"GEM","n":${number},"m":${money},"p":${portion},"t":"a b"}`;
      const { text, body } = await post(
        "/script",
        `{"plain":${JSON.stringify(plain)},"vars":${vars}}`,
      );
      expect(body).not.toHaveProperty("errorCode");
      expect(text).toContain(`"amount":${big},"asset":"GEM"`);
      expect(text).toContain(`"amount":${BigInt(big) / 8n + 1n},"asset":"ETH/18"`);
    }
  }
});

test("what is malformed is a 400 with a reason, on /script too; unknown fields are ignored", async () => {
  const { post } = await server();
  for (const body of [
    "{",
    "[]",
    '{"plain":1}',
    `{"plain":"x","vars":{"x":[1]}}`,
    `{"plain":"x","vars":{"x":{"asset":"USD"}}}`,
    `{"plain":"x","vars":{"x":{"asset":"USD","amount":1.5}}}`,
    '{"plain":"x","runtime":"v8"}',
    '{"plain":"\\u0000"}',
    '{"plain":"x","timestamp":"yesterday"}',
  ]) {
    expect(await post("/script", body), body).toMatchObject({
      status: 400,
      body: { errorCode: "VALIDATION", errorMessage: expect.stringMatching(/.+/) },
    });
  }
  const body = { plain: SEND, unknown: { deep: [1] }, vars: {} };
  expect(await post("/script", body)).toMatchObject({ body: { transaction: { txid: 1 } } });
});

test("the runtime says whose money is kept", async () => {
  const { post } = await server();
  const plain = `send [USD/2 30] (
    source = { @poor @world }
    destination = { max [USD/2 3] kept remaining to @x }
  )`;
  const amounts = async (runtime?: string) => {
    const { body } = await post("/transactions?preview=true", { script: { plain, runtime } });
    return body.data[0].postings.map(({ amount }: { amount: number }) => amount);
  };
  expect(await amounts()).toEqual([5, 22]);
  expect(await amounts("machine")).toEqual([5, 22]);
  expect(await amounts("experimental-interpreter")).toEqual([2, 25]);
});

test("a preview of a script commits nothing; a key used twice says so, and refuses another script", async () => {
  const { post } = await server();
  const shown = await post("/script?preview=Yes", { plain: SEND });
  const key = { "Idempotency-Key": "k" };
  const first = await post("/script", { plain: SEND }, key);
  expect(first.body.transaction.txid).toBe(shown.body.transaction.txid);
  const again = await post("/script", { plain: SEND }, key);
  expect([again.text, again.headers.get("idempotency-hit")]).toEqual([first.text, "true"]);
  expect(await post("/script", { plain: `${SEND} ` }, key)).toMatchObject({
    status: 400,
    body: { errorCode: "VALIDATION" },
  });
});

test("a batch takes no scripts", async () => {
  const { post } = await server();
  const transactions = [{ script: { plain: SEND } }];
  expect(await post("/transactions/batch", { transactions })).toMatchObject({
    status: 400,
    body: { errorMessage: "invalid transaction 0: a batch takes no scripts" },
  });
});

test("a script of megabytes is refused with a reason, and its message stays short", async () => {
  const { post } = await server();
  const long = await post("/script", { plain: SEND + " ".repeat(3 * 1024 * 1024) });
  expect(long).toMatchObject({ status: 200, body: { errorCode: "COMPILATION_FAILED" } });
  const wrong = await post("/transactions", { script: { plain: "$wrong ".repeat(50_000) } });
  expect(wrong).toMatchObject({ status: 400, body: { errorCode: "COMPILATION_FAILED" } });
  expect(wrong.body.errorMessage.length).toBeLessThan(2100);
  expect(await post("/script", { plain: " ".repeat(5 * 1024 * 1024) })).toMatchObject({
    status: 413,
    body: { errorCode: "VALIDATION" },
  });
});
