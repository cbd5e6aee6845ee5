import { expect, test, vi } from "vitest";
import { type OpenServer, openServer, type Told } from "./contract/openServer.js";
import { contents } from "./support/contents.js";

vi.setConfig({ testTimeout: 120_000 });

/** Texts that mean something to somebody: SQL, patterns, templates, shells, paths, JSON, terminals. */
const HOSTILE: readonly string[] = [
  "'",
  '"',
  "' or '1'='1",
  "'; drop table ledgers; --",
  '"}],"metadata":{}}; delete from logs; --',
  "a') union select name from ledgers --",
  "$1",
  "?",
  ":ledger",
  "\\",
  "%",
  "%25%27",
  "../../etc/passwd",
  "#{7*7}{{7*7}}",
  "$(reboot)`reboot`",
  "<script>alert(1)</script>",
  "__proto__",
  "constructor",
  "[::1]",
  "a,b",
  "\u001b[31m\r\nSet-Cookie: a=b",
  "\ufeff\u202e🙂é",
  "E'\\x27'",
  "x".repeat(5_000),
];

/** What nobody outside may see. */
const INTERNAL =
  /(select|insert into|update|delete from) "|pg_|relation "|syntax error at or near|node_modules|\.[jt]s:\d|Error:/i;

/** That `told` is a refusal a client can use, or no refusal at all; never a fault of ours. */
function expectClear({ status, text, body }: Told, what: string): void {
  expect(status, `${what}: ${text}`).toBeLessThan(500);
  if (status < 400) return;
  expect(body, what).toEqual({
    errorCode: expect.stringMatching(/^[A-Z_]+$/),
    error_code: body.errorCode,
    errorMessage: expect.not.stringMatching(INTERNAL),
    error_message: body.errorMessage,
    ...("details" in body && { details: expect.any(String) }),
  });
}

/** Runs `attack` on a ledger with a short history, which must be as before and work after it. */
async function unharmed(attack: (server: OpenServer) => Promise<void>, variables = {}) {
  const server = await openServer(variables);
  await server.pay("world > users:1 100 USD/2", { metadata: { kind: "a" } });
  await server.pay("users:1 > shop 40 USD/2");
  const before = await contents(server.app.db);
  await attack(server);
  expect(await contents(server.app.db)).toEqual(before);
  expect((await server.pay("world > a 1 USD/2")).body).toMatchObject({ data: [{ txid: 2 }] });
}

const enc = encodeURIComponent;

/** Each place of a read that takes text. */
const READS: Readonly<Record<string, (text: string) => string>> = {
  "name of a ledger": (text) => `GET /${enc(text)}/stats`,
  address: (text) => `GET /main/accounts/${enc(text)}`,
  "number of a transaction": (text) => `GET /main/transactions/${enc(text)}`,
  "name of a parameter": (text) => `GET /main/accounts?${enc(text)}=1`,
  ...Object.fromEntries(
    Object.entries({
      transactions: [
        ...["reference", "account", "source", "destination", "metadata[kind]", "after"],
        ...["startTime", "endTime", "start_time", "pageSize", "cursor", "pagination_token"],
      ],
      accounts: ["address", "balance", "balanceOperator", "balanceAsset", "after", "metadata[a.b]"],
      balances: ["address", "after", "pageSize", "cursor"],
      "aggregate/balances": ["address"],
      logs: ["after", "startTime", "end_time", "page_size", "cursor"],
    }).flatMap(([list, parameters]) =>
      parameters.map((name) => [
        `${name} of ${list}`,
        (text: string) => `GET /main/${list}?${enc(name)}=${enc(text)}`,
      ]),
    ),
  ),
  "key of metadata": (text) => `GET /main/transactions?metadata[${enc(text)}]=a`,
  "reference to count": (text) => `HEAD /main/transactions?reference=${enc(text)}`,
  "address to count": (text) => `HEAD /main/accounts?address=${enc(text)}`,
  "balance asset": (text) => `GET /main/accounts?balance=0&balanceAsset=${enc(text)}`,
};

test("text that means something to a database, a shell or a browser is no more than text, wherever it is read", () =>
  unharmed(async ({ send }) => {
    for (const [place, call] of Object.entries(READS)) {
      for (const text of HOSTILE) {
        const told = await send(call(text));
        if (call(text).startsWith("HEAD")) expect(told.status, place).toBeLessThan(500);
        else expectClear(told, `${place}: ${text.slice(0, 40)}`);
      }
    }
  }));

const posting = { source: "world", destination: "users:1", asset: "USD/2", amount: 1 };
const SEND = "send [USD/2 1] (source = @world destination = @users:1)";

/** Each place of a write that takes a narrow alphabet: no hostile text may pass. */
const WRITES: Readonly<Record<string, (text: string) => [call: string, body: object]>> = {
  source: (source) => ["POST /main/transactions", { postings: [{ ...posting, source }] }],
  destination: (destination) => [
    "POST /main/transactions/batch",
    { transactions: [{ postings: [{ ...posting, destination }] }] },
  ],
  asset: (asset) => ["POST /main/transactions", { postings: [{ ...posting, asset }] }],
  amount: (amount) => ["POST /main/transactions", { postings: [{ ...posting, amount }] }],
  timestamp: (timestamp) => ["POST /main/transactions", { postings: [posting], timestamp }],
  preview: (text) => [`POST /main/transactions?preview=${enc(text)}`, { postings: [posting] }],
  "name of a ledger": (text) => [`POST /${enc(text)}/transactions`, { postings: [posting] }],
  "address to note": (text) => [`POST /main/accounts/${enc(text)}/metadata`, {}],
  "number to note": (text) => [`POST /main/transactions/${enc(text)}/metadata`, {}],
  "number to revert": (text) => [`POST /main/transactions/${enc(text)}/revert`, {}],
  script: (plain) => ["POST /main/transactions", { script: { plain } }],
  "account of a script": (text) => [
    "POST /main/transactions",
    {
      script: {
        plain: `vars { account $a }\n${SEND.replace("@users:1", "$a")}`,
        vars: { a: text },
      },
    },
  ],
  "monetary of a script": (text) => [
    "POST /main/transactions",
    {
      script: {
        plain: `vars { monetary $m }\n${SEND.replace("[USD/2 1]", "$m")}`,
        vars: { m: { asset: text, amount: 1 } },
      },
    },
  ],
  "operator of a contract": (text) => [
    "PUT /main/mapping",
    { contracts: [{ account: "x", expr: { [text]: ["$balance", 1] } }] },
  ],
  "variable of a contract": (text) => [
    "PUT /main/mapping",
    { contracts: [{ account: "x", expr: { $gte: [`$${text}`, { $no: text }] } }] },
  ],
};

/** Good names among the hostile texts. */
const isName = (text: string) => /^(__proto__|constructor|x+)$/.test(text);

test("text that means something elsewhere is refused where a write takes names and numbers", () =>
  unharmed(async ({ send }) => {
    for (const [place, write] of Object.entries(WRITES)) {
      for (const text of HOSTILE) {
        if (isName(text) && /source|destination|account|address|ledger/.test(place)) continue;
        const told = await send(...write(text));
        const what = `${place}: ${text.slice(0, 40)}`;
        expectClear(told, what);
        expect([400, 404], `${what}: ${told.text}`).toContain(told.status);
      }
    }
  }));

test("where any text is welcome it is kept as it is, and found again", async () => {
  const { send, app } = await openServer();
  for (const [txid, text] of HOSTILE.entries()) {
    const reference = text.slice(0, 200);
    const metadata = { [text]: { [text]: [text, { [text]: text }] }, plain: text };
    // A header holds no line breaks and nothing beyond Latin-1.
    const key = text
      .replaceAll(/[^\x20-\x7e]/g, "")
      .slice(0, 200)
      .trim();
    const created = await send(
      "POST /main/transactions",
      JSON.stringify({ postings: [posting], reference, metadata }),
      { "Idempotency-Key": `${txid} ${key}` },
    );
    expect(created.status, created.text).toBe(200);
    await send("POST /main/accounts/users:1/metadata", JSON.stringify(metadata));
    const read = await send(`GET /main/transactions/${txid}`);
    expect(read.body.data).toMatchObject({ reference });
    expect(JSON.stringify(read.body.data.metadata)).toBe(JSON.stringify(sorted(metadata)));
    for (const query of [`reference=${enc(reference)}`, `metadata[plain]=${enc(text)}`]) {
      const { body } = await send(`GET /main/transactions?${query}`);
      expect(body.cursor.data, query).toMatchObject([{ txid }]);
    }
  }
  expect(await app.db("ledgers").pluck("name")).toEqual(["main"]);
});

/** The keys of metadata are shown in the order of their bytes. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, each]) => [key, sorted(each)] as const);
  return Object.fromEntries(
    entries.toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
  );
}

const DIGITS = "9".repeat(1_500);

test("integers of any length are numbers where numbers are unlimited, and refused where they are not", () =>
  unharmed(async ({ send }) => {
    for (const number of [
      DIGITS,
      `-${DIGITS}`,
      `0${DIGITS}`,
      "9223372036854775808",
      "18446744073709551616",
    ]) {
      const { status } = await send(`GET /main/accounts?balance=${number}`);
      expect(status, number.slice(0, 30)).toBe(200);
      for (const call of [
        `GET /main/transactions?pageSize=${number}`,
        `GET /main/logs?page_size=${number}`,
        `GET /main/transactions/${number === "9223372036854775808" ? DIGITS : number}`,
        `POST /main/transactions/${number === "9223372036854775808" ? DIGITS : number}/revert`,
      ]) {
        const told = await send(call);
        expectClear(told, call.slice(0, 60));
        expect(told.status, call.slice(0, 60)).toBe(400);
      }
      const after = await send(`GET /main/transactions?after=${number}`);
      expectClear(after, `after ${number.slice(0, 30)}`);
    }
    expect((await send("GET /main/transactions/9223372036854775808")).status).toBe(404);
  }));

/** A JSON array or object within itself. */
const deep = (depth: number, open: string, close: string) =>
  open.repeat(depth) + close.repeat(depth);

test("JSON within JSON within JSON is refused with a reason", () =>
  unharmed(async ({ send }) => {
    const lists = deep(50_000, "[", "]");
    const objects = `${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`;
    const ands = `${'{"$and":['.repeat(5_000)}${"]}".repeat(5_000)}`;
    for (const [call, body] of [
      ["POST /main/transactions", lists],
      ["POST /main/transactions", `{"metadata":${objects}}`],
      ["POST /main/transactions/batch", `{"transactions":${lists}}`],
      ["POST /main/transactions/0/metadata", objects],
      ["POST /main/accounts/a/metadata", `{"a":${lists}}`],
      ["POST /main/script", `{"plain":"fail","vars":${objects}}`],
      ["POST /main/transactions", `{"script":{"plain":"fail","vars":{"a":${lists}}}}`],
      ["PUT /main/mapping", `{"contracts":[{"account":"a","expr":${ands}}]}`],
      ["PUT /main/mapping", `{"contracts":${lists}}`],
    ] as const) {
      const told = await send(call, body);
      expectClear(told, call);
      expect(told.status, call).toBe(400);
    }
  }));

/** `words` over and over: a megabyte of them, or almost as many as a script may have. */
const megabyte = (words: string) => words.repeat(Math.floor(1_000_000 / words.length));
const many = (words: string) =>
  words.repeat(
    Math.floor(Math.min(45_000 / words.trim().split(" ").length, 250_000 / words.length)),
  );

const NAMES = Array.from({ length: 3_000 }, (_, at) =>
  `v${at}`.replaceAll(/\d/g, (digit) => "abcdefghij"[Number(digit)] ?? ""),
);
const DECLARED = `vars {\n${NAMES.map((name) => `account $${name}`).join("\n")}\n}\n`;
const VALUES = Object.fromEntries(NAMES.map((name) => [name, `users:${name}`]));
const USED = NAMES.map((name) => `send [USD/2 1] (source = @world destination = $${name})`);

/** Scripts of many words, and their variables. */
const SCRIPTS: Readonly<Record<string, readonly [plain: string, vars?: object]>> = {
  "a megabyte of words": [megabyte("send ")],
  "a megabyte of errors": [megabyte("@ $ ] ")],
  "a megabyte of blanks": [`${megabyte(" \n")}fail`],
  "a megabyte of comment": [`/*${megabyte("/* ")}`],
  "a megabyte of text": [`print "${megabyte("x")}`],
  "a megabyte of number": [`print ${megabyte("9")}`],
  "more than a megabyte": [megabyte("send ").repeat(3)],
  "many words": [many("send ")],
  "many errors": [many("@ $ ] ")],
  "many braces": [`send [USD/2 1] (source = ${many("{ ")}`],
  "many lists": [`send [USD/2 1] (source = ${many("{ @a ")}`],
  "many caps": [`send [USD/2 1] (source = ${many("max [USD/2 1] from ")}`],
  "many parentheses": [`print ${many("( ")}`],
  "many minus signs": [`print ${many("- ")}1`],
  "many sums": [`print ${many("1 + ")}1`],
  "many sums of what cannot be added": [`print ${many("@a + ")}1`],
  "many payers": [`send [USD/2 1] (source = { ${many("@a ")} } destination = @b)`],
  "many payments": [many("send [USD/2 1] (source = @world destination = @a)\n")],
  "many notes": [many('set_tx_meta("a", 1)\n')],
  "many variables": [`${DECLARED}${USED.join("\n")}`, VALUES],
  "variables that lack their values": [`${DECLARED}fail`],
  "values that lack their variables": ["fail", VALUES],
};

test("scripts of a megabyte and of thousands of words and variables are run or refused", () =>
  unharmed(async ({ send }) => {
    for (const [what, [plain, vars = {}]] of Object.entries(SCRIPTS)) {
      const script = { plain, vars };
      const told = await send("POST /main/transactions?preview=true", { script });
      expectClear(told, what);
      const bare = await send("POST /main/script?preview=true", script);
      expect(bare.status, `${what}: ${bare.text.slice(0, 1_000)}`).toBe(200);
      expect(bare.body.errorCode, what).toBe(told.body.errorCode);
      if (told.status !== 200) expect(told.text.length, what).toBeLessThan(100_000);
    }
  }));

test("patterns that take for ever are given up, while others read and write", async () => {
  const { send, pay } = await openServer({ DATABASE_POOL_SIZE: "36" });
  await pay(`world > ${"a".repeat(1000)} 1 USD/2`);
  const pattern = enc("(a+)(a+)(a+)(a+)\\1\\1\\2\\2\\3\\3\\4\\4\\1(\\2|b)");
  let answered = 0;
  const slow = [
    ...["account", "source", "destination"].map(
      (name) => `GET /main/transactions?${name}=${pattern}`,
    ),
    ...["accounts", "balances", "aggregate/balances"].map(
      (list) => `GET /main/${list}?address=${pattern}`,
    ),
    `HEAD /main/transactions?account=${pattern}`,
    `HEAD /main/accounts?address=${pattern}`,
  ].map(async (call) => {
    const told = await send(call);
    answered++;
    return told;
  });
  for (let turn = 0; turn < 20; turn++) {
    expect((await pay("world > b 1 USD/2")).status).toBe(200);
    expect((await send("GET /main/transactions?account=b")).status).toBe(200);
    // Those of later turns may take longer than a query may: on two cores eight of them are at work.
    if (turn === 0) expect(answered).toBe(0);
  }
  for (const { status, body } of await Promise.all(slow)) {
    expect(status).toBe(400);
    if (body !== null) {
      expect(body.errorCode).toBe("VALIDATION");
      expect(body.errorMessage).toMatch(/^the query takes longer than \d+ ms: narrow '\w+'$/);
    }
  }
});
