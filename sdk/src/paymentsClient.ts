import { type Client, createClient, type Transport } from "@connectrpc/connect";
import type { Account } from "../../gen/florin/payments/v1/account_pb.js";
import type { Connector } from "../../gen/florin/payments/v1/connector_pb.js";
import type { Payment } from "../../gen/florin/payments/v1/payment_pb.js";
import { PaymentsService } from "../../gen/florin/payments/v1/payments_pb.js";
import type { Task } from "../../gen/florin/payments/v1/task_pb.js";
import type { Listing } from "./ledgerClient.js";
import { byCursor } from "./pages.js";
import type { Patience } from "./retries.js";
import { watch } from "./watch.js";

type Rpcs = Client<typeof PaymentsService>;
type ListRpc = "listPayments" | "listAccounts" | "listConnectorTasks";

/** The RPCs of payments. Lists can be gone through item by item; `watchPayments` outlives lost connections. */
export interface PaymentsClient extends Omit<Rpcs, ListRpc | "watchPayments"> {
  /** Payments of all connectors, newest first unless sorted otherwise. */
  readonly listPayments: Listing<Rpcs["listPayments"], Payment>;
  /** Accounts at providers, newest first unless sorted otherwise. */
  readonly listAccounts: Listing<Rpcs["listAccounts"], Account>;
  /** Tasks of a connector, newest first. */
  readonly listConnectorTasks: Listing<Rpcs["listConnectorTasks"], Task>;
  /**
   * Payments in the order of their last change: first those there are (or changed after the event `after`), then each one as it is
   * saved or changes. Goes on across lost connections, servers that stop and tokens that end; leave the loop, or abort
   * the `signal`, to end it.
   */
  readonly watchPayments: Rpcs["watchPayments"];
}

const everywhere = () => ({});
const ofConnector = ({ connector }: { readonly connector?: Connector }) => ({ connector });

export function createPaymentsClient(transport: Transport, patience: Patience): PaymentsClient {
  const rpcs = createClient(PaymentsService, transport);
  return {
    ...rpcs,
    listPayments: byCursor(rpcs.listPayments, everywhere),
    listAccounts: byCursor(rpcs.listAccounts, everywhere),
    listConnectorTasks: byCursor(rpcs.listConnectorTasks, ofConnector),
    watchPayments: watch(
      `${PaymentsService.typeName}/WatchPayments`,
      rpcs.watchPayments,
      ({ id }) => id,
      patience,
    ),
  };
}
