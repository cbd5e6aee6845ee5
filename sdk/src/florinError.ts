import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.js";
import { isLostConnection } from "./isLostConnection.js";

/** A call that failed: refused by the server, or never answered by it. */
export class FlorinError extends Error {
  override readonly name: string = "FlorinError";
  /** gRPC status, e.g. `Code.FailedPrecondition`; a connection that was lost is `Code.Unavailable`. */
  readonly code: Code;
  /** Code of the REST contract, e.g. "INSUFFICIENT_FUND"; null if the server did not give one. */
  readonly errorCode: string | null;
  /** What exactly is wrong, e.g. "INSUFFICIENT_FUNDS"; null if the server did not say. */
  readonly reason: string | null;
  /** The facts behind the reason, e.g. account, asset, needed, available. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The error of the transport, with the response's headers. */
  declare readonly cause: ConnectError;

  constructor(cause: ConnectError) {
    super(cause.rawMessage, { cause });
    const info = cause.findDetails(ErrorInfoSchema)[0];
    const { errorCode = null, ...facts } = info?.metadata ?? {};
    this.code = cause.code;
    this.errorCode = errorCode;
    this.reason = info?.reason ?? null;
    this.metadata = facts;
  }
}

/** A write that was refused because an account cannot pay for it. Nothing was changed. */
export class InsufficientFundsError extends FlorinError {
  override readonly name = "InsufficientFundsError";
  /** The account that cannot pay; null where a script asks several and all together cannot. */
  readonly account: string | null;
  /** E.g. "USD/2". */
  readonly asset: string;
  /** How much the account was to pay, in minor units. */
  readonly needed: bigint;
  /** How much it has, in minor units. */
  readonly available: bigint;

  constructor(cause: ConnectError) {
    super(cause);
    const { account = null, asset = "", needed = "0", available = "0" } = this.metadata;
    this.account = account;
    this.asset = asset;
    this.needed = BigInt(needed);
    this.available = BigInt(available);
  }
}

/** A stream that the server ended as if all were said, though there is more to say. */
export const endedEarly = (): FlorinError =>
  new FlorinError(new ConnectError("the stream ended early", Code.Unavailable));

/** What callers get in the place of `error`, which a call failed with whose signal is `signal`. */
export function toFlorinError(error: unknown, signal: AbortSignal | undefined): FlorinError {
  if (error instanceof FlorinError) return error;
  const failure = ConnectError.from(error);
  if (isLostConnection(failure) && signal?.aborted !== true) {
    const message = `connection lost: ${failure.rawMessage}`;
    return new FlorinError(
      new ConnectError(message, Code.Unavailable, undefined, undefined, failure),
    );
  }
  const refusal = new FlorinError(failure);
  const isAboutFunds = refusal.errorCode === "INSUFFICIENT_FUND" && "needed" in refusal.metadata;
  return isAboutFunds ? new InsufficientFundsError(failure) : refusal;
}
