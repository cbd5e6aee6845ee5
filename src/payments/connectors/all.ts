import { bankingCircle } from "./bankingCircle/bankingCircle.js";
import type { AnyConnector } from "./connector.js";
import { currencyCloud } from "./currencyCloud/currencyCloud.js";
import { dummyPay } from "./dummyPay/dummyPay.js";
import { mangopay } from "./mangopay/mangopay.js";
import { modulr } from "./modulr/modulr.js";
import { moneycorp } from "./moneycorp/moneycorp.js";
import { stripe } from "./stripe/stripe.js";
import { wise } from "./wise/wise.js";

/** Every kind of connector that this Florin has. */
export const connectors: readonly AnyConnector[] = [
  bankingCircle,
  currencyCloud,
  dummyPay,
  mangopay,
  modulr,
  moneycorp,
  stripe,
  wise,
];
