import { hash } from "node:crypto";
import { fail, ok, type Result } from "../../lib/result.js";
import { decimalPlaces } from "./currencies.js";

/** Money that a provider is to move. */
export interface TransferOrder {
  /** Our id of it (UUID): new for each transfer, the same for each attempt. */
  readonly id: string;
  /** The provider's id of the account that pays; "" if none was given. */
  readonly source: string;
  /** The provider's id of the account that is paid. */
  readonly destination: string;
  /** Minor units as ISO 4217 has them. */
  readonly amount: bigint;
  /** One that ISO 4217 knows: "USD". */
  readonly currency: string;
}

/** A transfer for which the caller waits. */
export interface DirectTransfer extends Omit<TransferOrder, "source"> {
  /** Passed on to the provider. */
  readonly metadata: Readonly<Record<string, string>>;
}

type TransferStatus = "PENDING" | "SUCCEEDED" | "FAILED";

/** What a provider says of a transfer. */
export interface TransferProgress {
  /** Our id of it. */
  readonly id: string;
  readonly status: TransferStatus;
  /** The provider's id of it. */
  readonly reference?: string;
  /** Why it failed. */
  readonly error?: string;
}

export const isFinal = (status: TransferStatus): boolean => status !== "PENDING";

/** A transfer that was asked for, and how it stands. */
export interface Transfer extends Omit<TransferOrder, "currency"> {
  /** The currency alone: "USD". */
  readonly asset: string;
  readonly status: TransferStatus;
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
  readonly source: string;
}

const invalid = (problem: string) => fail({ kind: "transfer-invalid", problem } as const);

/** What was sent, as the order `id`. Problems are told in the order that callers know. */
export function toOrder(
  id: string,
  { amount, asset, destination, source }: SentTransfer,
): Result<TransferOrder, InvalidTransfer> {
  if (!isAmount(amount)) return invalid("amount must be greater than 0");
  if (asset === "") return invalid("asset is required");
  const currency = currencyOf(asset);
  if (currency === null) return invalid("asset is invalid");
  if (destination === "") return invalid("destination is required");
  return ok({ id, source, destination, amount: BigInt(amount), currency });
}

/** What is asked for while the caller waits, as it was sent. */
export interface SentDirectTransfer extends Omit<SentTransfer, "source"> {
  readonly metadata: Readonly<Record<string, string>>;
}

/** As `toOrder`. Whoever knows the document sends the currency alone. */
export function toDirectTransfer(
  id: string,
  { amount, asset, destination, metadata }: SentDirectTransfer,
): Result<DirectTransfer, InvalidTransfer> {
  if (!isAmount(amount)) return invalid("amount must be greater than 0");
  if (asset === "") return invalid("asset is required");
  const [, currency] = /^(USD|EUR)(?:\/2)?$/.exec(asset) ?? [];
  if (currency === undefined) return invalid("asset must be USD/2 or EUR/2");
  if (destination === "") return invalid("destination is required");
  return ok({ id, destination, amount: BigInt(amount), currency, metadata });
}

const isAmount = (text: string): boolean => /^\d{1,1000}$/.test(text) && BigInt(text) > 0n;

/**
 * The currency of an asset: "USD/2" and "USD" are "USD". Null if ISO 4217 does not know it, or counts it in other units:
 * whoever says "USD/4" means other amounts than we would send.
 */
function currencyOf(asset: string): string | null {
  const [, code = "", places] = /^([A-Za-z]{3})(?:\/(\d))?$/.exec(asset) ?? [];
  const known = decimalPlaces(code);
  if (known === null || (places !== undefined && Number(places) !== known)) return null;
  return code.toUpperCase();
}

/** The same for equal orders, whatever their ids. */
export const hashOrder = ({ source, destination, amount, currency }: TransferOrder): string =>
  hash("sha256", JSON.stringify(["transfer", source, destination, String(amount), currency]));

/** As `hashOrder`, and never the same as one of those. */
export const hashDirectTransfer = ({ destination, amount, currency, metadata }: DirectTransfer) => {
  const sorted = Object.entries(metadata).sort(([one], [other]) => (one < other ? -1 : 1));
  return hash("sha256", JSON.stringify(["direct", destination, String(amount), currency, sorted]));
};
