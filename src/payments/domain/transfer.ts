import { fail, ok, type Result } from "../../lib/result.js";

/** A transfer that was asked for. */
export interface Transfer {
  readonly id: string;
  readonly source: string;
  readonly destination: string;
  readonly amount: bigint;
  /** The currency alone: "USD". */
  readonly asset: string;
  readonly status: "PENDING" | "SUCCEEDED" | "FAILED";
  /** Null while pending, "" once it succeeded. */
  readonly error: string | null;
}

export interface InvalidTransfer {
  readonly kind: "transfer-invalid";
  readonly problem: string;
}

/** What is asked for, as it was sent. */
export interface SentTransfer {
  /** Text of an integer; "" if none was sent. */
  readonly amount: string;
  readonly asset: string;
  readonly destination: string;
}

/** In the order in which callers are told. */
export function checkTransfer({
  amount,
  asset,
  destination,
}: SentTransfer): Result<null, InvalidTransfer> {
  const complain = (problem: string) => fail({ kind: "transfer-invalid", problem } as const);
  if (!/^\d{1,1000}$/.test(amount) || BigInt(amount) <= 0n)
    return complain("amount must be greater than 0");
  if (asset === "") return complain("asset is required");
  if (asset.length < 3) return complain("asset is invalid");
  return destination === "" ? complain("destination is required") : ok(null);
}
