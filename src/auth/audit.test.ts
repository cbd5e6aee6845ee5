import { pino } from "pino";
import { expect, test } from "vitest";
import { type AuditEntry, audit } from "./audit.js";

const entry: AuditEntry = {
  what: "token",
  who: null,
  clientId: "shop",
  address: "203.0.113.7",
  requestId: "r-1",
  span: null,
  outcome: "ok",
};

/** The line that `entry` becomes. */
function lineOf(changes: Partial<AuditEntry>) {
  const lines: string[] = [];
  const logger = pino({ base: null, timestamp: false }, { write: (line) => void lines.push(line) });
  audit(logger, { ...entry, ...changes });
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] ?? "");
}

test("a line says what was done to what, by whom, from where, and how that ended", () => {
  const ids = { client_id: "till", secret_id: "s-1" };
  expect(lineOf({ what: "AuthService/DeleteSecret", who: "shop", ids })).toEqual({
    level: 30,
    msg: "audit",
    audit: true,
    what: "AuthService/DeleteSecret",
    who: "shop",
    clientId: "shop",
    address: "203.0.113.7",
    requestId: "r-1",
    outcome: "ok",
    ids,
  });
});

test("a refusal is a warning", () => {
  expect(lineOf({ outcome: "invalid_client" })).toMatchObject({ level: 40 });
});

test("what callers chose is cut, and plays no tricks on a terminal", () => {
  const { clientId, ids } = lineOf({
    clientId: "x".repeat(100_000),
    ids: { client_id: "a\u001b[2Jb\nc\u202ed\ud800é" },
  });
  expect(clientId).toBe("x".repeat(255));
  expect(ids.client_id).toBe("a�[2Jb�c�d�é");
});
