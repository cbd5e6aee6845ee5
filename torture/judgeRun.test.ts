import { expect, test } from "vitest";
import type { Operation } from "./history.js";
import { judgeRun } from "./judgeRun.js";

const written = (id: number, ledger: string, status = "200"): Operation => ({
  ...{ id, client: 0, server: 0, ledger, begin: id, end: id, outcome: "ok", status },
  what: { kind: "write", marker: `m${id}`, dryRun: false, effects: [] },
});

const writes = (count: number, ledger: string) =>
  Array.from({ length: count }, (_, id) => written(id, ledger));

test("enough in every ledger is no reproach", () => {
  const operations = [...writes(10, "a"), ...writes(10, "b")];
  expect(judgeRun({ operations }, ["a", "b"], 10)).toEqual([]);
});

test("a run in which hardly anything was written proves nothing", () => {
  expect(judgeRun({ operations: writes(19, "a") }, ["a"], 10)).toEqual([
    "too little: 19 writes were acknowledged, not 20",
  ]);
  expect(judgeRun({ operations: writes(20, "a") }, ["a", "b"], 10)).toEqual([
    "too little: 0 writes of ledger b were acknowledged, not 5",
  ]);
});

test("refused writes are none", () => {
  const refused = writes(20, "a").map((each) => ({ ...each, outcome: "refused" as const }));
  expect(judgeRun({ operations: refused }, [], 10)).toHaveLength(1);
});

test.each([
  '500 {"errorCode":"INTERNAL","errorMessage":"internal error (request 1)"}',
  "INTERNAL internal error (request 1)",
])("errors inside of a server are told once: %s", (status) => {
  const broken = [20, 21].map((id) => {
    return { ...written(id, "a", status), outcome: "unknown" as const };
  });
  expect(judgeRun({ operations: [...writes(20, "a"), ...broken] }, ["a"], 10)).toEqual([
    `internal error: 2 times, first in operation 20: ${status}`,
  ]);
});
