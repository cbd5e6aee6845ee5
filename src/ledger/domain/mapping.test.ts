import { expect, test } from "vitest";
import { heapBytes } from "../../../test/support/heapBytes.js";
import { contractFor, parseMapping } from "./mapping.js";

test("a mapping keeps nothing of the request that it was cut from", () => {
  const before = heapBytes();
  const mappings = Array.from({ length: 50 }, (_, at) => {
    const [name, account, expr] = [`may be overdrawn ${at}`, `customers:account:${at}`, EXPR];
    const body = Buffer.alloc(1_000_000, `${name};${account};${expr};`).toString();
    const [cutName = "", cutAccount = "", cutExpr = ""] = body.split(";", 3);
    return parseMapping([{ name: cutName, account: cutAccount, expr: cutExpr }]);
  });
  expect(heapBytes() - before).toBeLessThan(10_000_000);
  const last = mappings[49];
  const found = last?.ok ? contractFor(last.value, "customers:account:49") : undefined;
  expect(found).toMatchObject({ name: "may be overdrawn 49", expr: EXPR });
});

const EXPR = '{"$gte":["$balance",{"$meta":"overdraft_limit"}]}';
