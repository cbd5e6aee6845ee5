/** What a program in TypeScript may say with the SDK, and what it may not. It is compiled, not run. */
export const TYPED_PROGRAM = `
import { createFlorin, type Florin, formatAmount, InsufficientFundsError, type List, parseAmount, type Retry } from "@florin/sdk";
import type { ListTransactionsResponse } from "@florin/sdk/gen/florin/ledger/v1/ledger_pb.js";
import type { Transaction } from "@florin/sdk/gen/florin/ledger/v1/transaction_pb.js";
import { Connector } from "@florin/sdk/gen/florin/payments/v1/connector_pb.js";

const onRetry = ({ method, failures, delayMs, error }: Retry) => console.log(method, failures, delayMs, error.reason);
const florin: Florin = createFlorin({ baseUrl: "", clientId: "", clientSecret: "", timeoutMs: 1, maxRetries: 0, onRetry });
const ledger = "main";
const posting = { source: "world", destination: "users:1", asset: "EUR/2", amount: "1" };

// Lists are promises of a page, and all items.
const list: List<ListTransactionsResponse, Transaction> = florin.ledger.listTransactions({ ledger });
const { cursor } = await florin.ledger.listTransactions({ ledger, pageSize: 5 }, { timeoutMs: 5 });
export const latest: Transaction | undefined = cursor?.data[0];
for await (const { txid, postings } of list) console.log(txid + 1n, postings[0]?.amount.length);
for await (const name of florin.ledger.listLedgers({})) console.log(name.toUpperCase());
for await (const { address } of florin.ledger.listAccounts({ ledger })) console.log(address.length);
for await (const { id } of florin.payments.listPayments({})) console.log(id.length);
for await (const { status } of florin.payments.listConnectorTasks({ connector: Connector.STRIPE })) console.log(status);

// Streams.
for await (const { log } of florin.ledger.watchLogs({ ledger, after: 5n })) console.log(log?.id);
async function* requests() {
  yield { ledger, transaction: { postings: [posting] } };
}
for await (const { result } of florin.ledger.streamTransactions(requests())) {
  if (result.case === "refusal") console.log(result.value.reason);
}

// Errors and amounts.
try {
  await florin.ledger.revertTransaction({ ledger, txid: 7n });
} catch (error) {
  if (error instanceof InsufficientFundsError) console.log(error.needed - error.available, error.account);
}
console.log(formatAmount(parseAmount("1", "EUR/2") + 1n, "EUR/2"), formatAmount("1", "EUR/2"));

// @ts-expect-error: amounts are text
florin.ledger.createTransaction({ transaction: { postings: [{ ...posting, amount: 5 }] } });
// @ts-expect-error: amounts are text, not bigint
florin.ledger.createTransaction({ transaction: { postings: [{ ...posting, amount: 5n }] } });
// @ts-expect-error: there is no such field
florin.ledger.createTransaction({ ledger, transactions: [] });
// @ts-expect-error: numbers of transactions are bigint
florin.ledger.getTransaction({ ledger, txid: 7 });
// @ts-expect-error: a list has no such filter
florin.ledger.listTransactions({ ledger, address: "users:1" });
// @ts-expect-error: items of a list are typed
for await (const { address } of florin.ledger.listTransactions({ ledger })) console.log(address);
// @ts-expect-error: kinds of connector are an enum
florin.payments.listConnectorTasks({ connector: "STRIPE" });
// @ts-expect-error: there is no such RPC
florin.ledger.deleteTransaction({ ledger });
// @ts-expect-error: numbers cannot hold amounts
formatAmount(19.99, "EUR/2");
// @ts-expect-error: a client id needs its secret
createFlorin({ baseUrl: "", clientId: "" });
// @ts-expect-error: credentials or getToken, not both
createFlorin({ baseUrl: "", clientId: "", clientSecret: "", getToken: () => null });
// @ts-expect-error: without anything nobody is let in
createFlorin({ baseUrl: "" });
`;
