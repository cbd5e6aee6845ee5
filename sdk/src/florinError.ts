import { type Code, ConnectError, type Transport } from "@connectrpc/connect";
import { ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.js";
import { replaceFailure } from "./replaceFailure.js";

/** A call that failed: refused by the server, or never answered by it. */
export class FlorinError extends Error {
  override readonly name = "FlorinError";
  /** gRPC status, e.g. `Code.FailedPrecondition`. */
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

/** `transport`, failing with FlorinError alone; timeouts and cancellations included. */
export const withFlorinErrors = (transport: Transport): Transport => ({
  async unary(...call) {
    try {
      return await transport.unary(...call);
    } catch (error) {
      throw toFlorinError(error);
    }
  },
  async stream(...call) {
    try {
      const response = await transport.stream(...call);
      return { ...response, message: replaceFailure(response.message, toFlorinError) };
    } catch (error) {
      throw toFlorinError(error);
    }
  },
});

const toFlorinError = (error: unknown) => new FlorinError(ConnectError.from(error));
