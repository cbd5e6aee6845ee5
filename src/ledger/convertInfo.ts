import { MigrationState } from "../../gen/florin/ledger/v1/info_pb.js";
import type { VerifyLedgerRequest } from "../../gen/florin/ledger/v1/ledger_pb.js";
import type { AppliedMigration } from "../db/migrate.js";
import { fail, ok, type Result } from "../lib/result.js";
import { fromInstant } from "./convert.js";
import type { RequestFault } from "./fault.js";
import type { ExpectedLog, Verification } from "./verifyLedger.js";

export const fromMigration = ({ version, name, date }: AppliedMigration) => ({
  version: BigInt(version),
  name,
  date: fromInstant(date),
  state: MigrationState.DONE,
});

/** Null if nothing is expected. */
export function toExpectedLog({
  expectedHash: hash,
  expectedLogId: id,
}: VerifyLedgerRequest): Result<ExpectedLog | null, RequestFault> {
  if (hash === "" && id === undefined) return ok(null);
  if (hash === "" || id === undefined) return fail({ kind: "invalid-expectation" });
  return ok({ id, hash });
}

export function fromVerification(message: Verification) {
  if (message.kind === "progress") {
    const { checked, total } = message;
    return { case: "progress", value: { checked, total } } as const;
  }
  const { problem, badLog, checked, lastHash } = message;
  const value = {
    sound: problem === null,
    problem: problem ?? "",
    ...(badLog !== null && { firstBadLog: badLog }),
    checked,
    lastHash: lastHash ?? "",
  };
  return { case: "verdict", value } as const;
}
