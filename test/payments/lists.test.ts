import { expect, test } from "vitest";
import { callWith, type PaymentsApp, startPaymentsApp } from "./paymentsApp.js";
import { commit, leaseOf, NOW, SECOND, told } from "./support.js";

const STATUSES = ["PENDING", "SUCCEEDED", "FAILED"] as const;
const TYPES = ["PAY-IN", "PAYOUT"] as const;

/** Payments in four pages of `count`: those of a page share their date, and values repeat in every column. */
async function seed({ db }: PaymentsApp, count = 10) {
  const lease = await leaseOf(db, "WISE");
  for (const page of [0n, 1n, 2n, 3n]) {
    const payments = Array.from({ length: count }, (_, index) =>
      told(`${page}-${index}`, {
        createdAt: NOW + page * SECOND,
        status: STATUSES[index % 3] ?? "OTHER",
        type: TYPES[index % 2] ?? "OTHER",
        amount: BigInt(index % 4) * 10n ** 20n,
        asset: index % 5 === 0 ? "JPY" : "EUR/2",
      }),
    );
    const accounts = [{ reference: `account ${page}`, type: "SOURCE" as const }];
    await commit(db, lease, { payments, accounts }, NOW + page);
  }
  return lease;
}

interface Item {
  readonly id: string;
  readonly [field: string]: unknown;
}

/** All items, page by page down to the end; each page's way back leads to the page before. */
async function walk(
  { call }: Pick<PaymentsApp, "call">,
  path: string,
  query: string,
): Promise<Item[]> {
  const pages: Item[][] = [];
  for (let next = query; next !== ""; ) {
    const { status, body } = await call("GET", `${path}?${next}`);
    expect(status, JSON.stringify(body)).toBe(200);
    const { data, hasMore, previous } = body.cursor;
    expect(hasMore).toBe("next" in body.cursor);
    expect(previous === undefined).toBe(pages.length === 0);
    if (previous !== undefined) {
      const back = await call("GET", `${path}?pageSize=12&cursor=${previous}`);
      expect(back.body.cursor.data).toEqual(pages.at(-1));
    }
    pages.push(data);
    next = hasMore ? `pageSize=12&cursor=${body.cursor.next}` : "";
  }
  return pages.flat();
}

test("every payment is on one page of a list, in the order that was asked for", async () => {
  const app = await startPaymentsApp();
  await seed(app, 6);
  const fields: Record<string, string> = { date: "createdAt", initialAmount: "initialAmount" };
  const orders = [
    [],
    ...[
      "date",
      "status",
      "type",
      "scheme",
      "asset",
      "amount",
      "initialAmount",
      "reference",
      "provider",
    ].flatMap((column) => [[`${column}:asc`], [`${column}:desc`]]),
    ["status:desc", "amount:asc"],
    ["type", "date:DSC", "asset:asc"],
    ["status:asc", "date:desc"],
    ["status:desc", "date:asc"],
    ["asset:asc", "type:desc", "date:asc"],
    ["amount:asc", "unknown:desc", "amount:desc"],
  ];
  for (const sort of orders) {
    const query = ["pageSize=5", ...sort.map((it) => `sort=${it}`)].join("&");
    const all = await walk(app, "/payments", query);
    expect(new Set(all.map(({ id }) => id)).size, query).toBe(24);
    const seen = new Set<string>();
    const steps = (sort.length === 0 ? ["date:desc"] : sort)
      .map((it) => it.split(":") as [string, string?])
      .filter(([column]) => column !== "unknown" && !seen.has(column) && seen.add(column));
    if (!seen.has("date")) steps.push(["date", "desc"]);
    const isUp = /^asc$/i.test(steps.at(-1)?.[1] ?? "asc");
    const compare = (one: Item, other: Item): number => {
      for (const [column, order = "asc"] of [...steps, ["id", isUp ? "asc" : "desc"] as const]) {
        const field = fields[column] ?? column;
        const [a, b] = [one[field] as string, other[field] as string];
        if (a !== b) return (a < b ? -1 : 1) * (order === "asc" ? 1 : -1);
      }
      return 0;
    };
    expect(
      all.map(({ id }) => id),
      query,
    ).toEqual(all.toSorted(compare).map(({ id }) => id));
  }
}, 60_000);

test("a cursor carries size and order, whatever is written meanwhile", async () => {
  const app = await startPaymentsApp();
  const lease = await seed(app);
  const first = (await app.call("GET", "/payments?pageSize=5&sort=reference:asc")).body.cursor;
  await commit(app.db, lease, { payments: [told("0-00"), told("0-45")] });
  const second = (await app.call("GET", `/payments?cursor=${first.next}`)).body.cursor;
  expect(second.pageSize).toBe(5);
  expect(second.data.map(({ reference }: Item) => reference)).toEqual([
    "0-45",
    "0-5",
    "0-6",
    "0-7",
    "0-8",
  ]);
});

test("a cursor of the stack that clients come from leads on from its date", async () => {
  const app = await startPaymentsApp();
  await seed(app);
  const cursorOf = (reference: string, next: boolean) =>
    Buffer.from(JSON.stringify({ reference, sorter: "id; drop", next })).toString("base64");
  const read = async (path: string, reference: string, next: boolean) => {
    const query = new URLSearchParams({ cursor: cursorOf(reference, next), pageSize: "10" });
    return (await app.call("GET", `${path}?${query}`)).body;
  };
  const older = (await read("/payments", "2023-07-10T12:00:01Z", true)).cursor;
  expect(older.data.map(({ createdAt }: Item) => createdAt)).toEqual(
    Array.from({ length: 10 }, () => "2023-07-10T12:00:00Z"),
  );
  expect(older.hasMore).toBe(false);
  const newer = (await read("/payments", "2023-07-10T12:00:01.000000001Z", false)).cursor;
  expect(new Set(newer.data.map(({ createdAt }: Item) => createdAt))).toEqual(
    new Set(["2023-07-10T12:00:02Z"]),
  );
  const top = (await app.call("GET", `/payments?cursor=${newer.previous}`)).body.cursor;
  expect(top.data).toHaveLength(10);
  expect(top).not.toHaveProperty("previous");
  const accounts = (await read("/accounts", "2023-07-10T12:00:00.000002Z", true)).cursor.data;
  expect(accounts.map(({ reference }: Item) => reference)).toEqual(["account 1", "account 0"]);
  for (const reference of ["yesterday", "0000-01-01T00:00:00Z", "9999-12-31T24:00:00Z"]) {
    expect((await read("/payments", reference, true)).errorCode, reference).toBe("VALIDATION");
  }
});

test("accounts and tasks are listed newest first, and in pages", async () => {
  const app = await startPaymentsApp();
  const { connector } = await seed(app);
  const accounts = await walk(app, "/accounts", "pageSize=3");
  expect(accounts.map(({ reference }) => reference)).toEqual(
    [3, 2, 1, 0].map((it) => `account ${it}`),
  );
  expect(Object.keys(accounts[0] ?? {}).sort()).toEqual([
    "createdAt",
    "id",
    "provider",
    "reference",
    "type",
  ]);
  const upwards = await walk(app, "/accounts", "pageSize=3&sort=reference:asc");
  expect(upwards).toEqual(accounts.toReversed());

  const rows = Array.from({ length: 20 }, (_, index) => ({
    ...{ id: app.db.raw("gen_random_uuid()"), connector, descriptor: `{"name":"${index}"}` },
    ...{
      status: "TERMINATED",
      created_at: "2023-07-10T12:00:01Z",
      updated_at: "2023-07-10T12:00:01Z",
    },
  }));
  await app.db("connector_tasks").insert(rows);
  const tasks = await walk(app, "/connectors/WISE/tasks", "pageSize=6");
  expect(new Set(tasks.map(({ id }) => id)).size).toBe(21);
  expect(tasks.at(-1)).toMatchObject({ createdAt: "2023-07-10T12:00:00Z", state: {} });
});

test("at most 1000 payments are on a page, and 15 unless asked otherwise", async () => {
  const app = await startPaymentsApp();
  const lease = await leaseOf(app.db, "WISE");
  const payments = Array.from({ length: 1200 }, (_, index) => told(String(index)));
  await commit(app.db, lease, { payments });
  for (const [query, size] of [
    ["", 15],
    ["?pageSize=0", 15],
    ["?pageSize=1000", 1000],
    ["?pageSize=5000", 1000],
  ] as const) {
    const { cursor } = (await app.call("GET", `/payments${query}`)).body;
    expect([cursor.pageSize, cursor.data.length]).toEqual([size, size]);
  }
});

test("what is no query is refused, and nothing breaks", async () => {
  const app = await startPaymentsApp();
  await seed(app);
  const { next } = (await app.call("GET", "/payments?pageSize=2")).body.cursor;
  const { next: ofAccounts } = (await app.call("GET", "/accounts?pageSize=2")).body.cursor;
  const query = JSON.parse(Buffer.from(next, "base64url").toString());
  const forge = (changes: object) =>
    `cursor=${Buffer.from(JSON.stringify({ ...query, ...changes })).toString("base64url")}`;
  const key = (...values: unknown[]) => forge({ position: { below: JSON.stringify(values) } });
  const [date, id] = JSON.parse(query.position.below);
  expect((await app.call("GET", `/payments?${forge({})}`)).status).toBe(200);
  for (const bad of [
    ...["cursor=nonsense", "cursor=e30", `cursor=${ofAccounts}`, "cursor=eyJvZiI6InBheW1lbnRzIn0"],
    ...[
      forge({ pageSize: 0 }),
      forge({ pageSize: 1001 }),
      forge({ sort: [] }),
      forge({ sort: ["raw:asc"] }),
    ],
    ...[
      forge({ sort: ["id:asc"] }),
      forge({ sort: ["created_at:up"] }),
      forge({ position: { below: "x" } }),
    ],
    ...[
      key(date),
      key(date, id, id),
      key("2023-13-01 00:00:00+00", id),
      key("infinity", id),
      key("0000-01-01 00:00:00+00", id),
      key(date, "\0"),
    ],
    ...[key(date, 7), key("2023-07-10 12:00:00", id)],
    ...["sort=date:up", "sort=date:", "pageSize=-1", "pageSize=abc", "pageSize=99999999999"],
  ]) {
    const { status, body } = await app.call("GET", `/payments?${bad}`);
    expect([status, body.errorCode], bad).toEqual([400, "VALIDATION"]);
  }
  const { body } = await app.call("GET", "/payments?sort=date:up");
  expect(body.errorMessage).toBe("sort order not well specified, got up");
});

test("without a token nothing is told", async () => {
  const app = await startPaymentsApp();
  expect((await callWith(app.url, "nonsense")("GET", "/payments")).status).toBe(401);
});
