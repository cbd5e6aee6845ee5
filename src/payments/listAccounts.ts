import { type Page, readPage } from "../lib/page.js";
import type { ListQuery } from "./domain/listing.js";
import type { Account } from "./domain/payment.js";
import type { Payments } from "./payments.js";
import { readAccounts } from "./store/payments.js";

/** A page of the accounts at all providers. */
export const listAccounts = ({ db }: Payments, query: ListQuery): Promise<Page<Account>> =>
  readPage(
    (position, limit) => readAccounts(db, query.steps, position, limit),
    query,
    ({ key }) => JSON.stringify(key),
  );
