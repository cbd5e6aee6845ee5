import type { Db } from "../database.js";
import { up as ledger } from "./0001_ledger.js";
import { up as auth } from "./0002_auth.js";
import { up as events } from "./0003_events.js";
import { up as delivery } from "./0004_delivery.js";
import { up as logins } from "./0005_logins.js";
import { up as payments } from "./0006_payments.js";
import { up as transfers } from "./0007_transfers.js";
import { up as paymentOrders } from "./0008_payment_orders.js";

export interface Migration {
  /** Its number, an underscore, and what it is about: "0001_ledger". Never changed once released. */
  readonly name: string;
  readonly up: (db: Db) => Promise<void>;
}

/** Every migration, in the order in which they run. There is no way back: a mistake is mended by the next one. */
export const migrations: readonly Migration[] = [
  { name: "0001_ledger", up: ledger },
  { name: "0002_auth", up: auth },
  { name: "0003_events", up: events },
  { name: "0004_delivery", up: delivery },
  { name: "0005_logins", up: logins },
  { name: "0006_payments", up: payments },
  { name: "0007_transfers", up: transfers },
  { name: "0008_payment_orders", up: paymentOrders },
];
