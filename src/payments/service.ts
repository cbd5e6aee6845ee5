import type { ServiceImpl } from "@connectrpc/connect";
import type { PaymentsService } from "../../gen/florin/payments/v1/payments_pb.js";

/** Payments, as far as it goes: its other RPCs answer UNIMPLEMENTED. */
export const paymentsService = (version: string): Partial<ServiceImpl<typeof PaymentsService>> => ({
  getServerInfo: () => ({ version }),
});
