import {
  type Client,
  ConnectError,
  createClient,
  createRouterTransport,
} from "@connectrpc/connect";
import { LedgerService } from "../../gen/florin/ledger/v1/ledger_pb.js";
import { ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.js";
import type { Ledger } from "../../src/ledger/ledger.js";
import { ledgerService } from "../../src/ledger/service.js";

export type LedgerClient = Client<typeof LedgerService>;

/** Calls `ledger` as an RPC client does, without a port. */
export const clientOf = (ledger: Ledger): LedgerClient =>
  createClient(
    LedgerService,
    createRouterTransport((router) => {
      router.service(LedgerService, ledgerService({ ledger, version: "v1.2.3" }));
    }),
  );

/** What a refused call tells: code, REST's code, reason, message. */
export async function refusal(call: Promise<unknown>) {
  const error = await call.then(() => null, ConnectError.from);
  if (error === null) throw new Error("not refused");
  const [info] = error.findDetails(ErrorInfoSchema);
  const { errorCode, ...facts } = info?.metadata ?? {};
  return { code: error.code, errorCode, reason: info?.reason, message: error.rawMessage, facts };
}
