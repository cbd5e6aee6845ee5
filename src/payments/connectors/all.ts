import type { AnyConnector } from "./connector.js";
import { dummyPay } from "./dummyPay/dummyPay.js";
import { stripe } from "./stripe/stripe.js";

/** Every kind of connector that this Florin has. */
export const connectors: readonly AnyConnector[] = [dummyPay, stripe];
