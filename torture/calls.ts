import { contractOf } from "./contract.js";
import type { Posting } from "./history.js";

/** What a client can ask for, in the words of both wires. */
export interface Call {
  readonly verb: "GET" | "POST" | "PUT";
  readonly path: string;
  readonly body?: object;
  /** Of the ledger's service. */
  readonly method: string;
  /** The request as JSON of protobuf. */
  readonly message: Readonly<Record<string, unknown>>;
}

export interface NewTransaction {
  readonly marker: string;
  readonly postings: readonly Posting[];
  readonly reference?: string;
  /** A script that makes these postings. */
  readonly script?: { readonly plain: string; readonly vars: Readonly<Record<string, string>> };
}

const path = (ledger: string, rest: string): string => `/api/ledger/${ledger}${rest}`;

export const createTransaction = (
  ledger: string,
  transaction: NewTransaction,
  preview: boolean,
): Call => ({
  verb: "POST",
  path: path(ledger, `/transactions${preview ? "?dryRun=true" : ""}`),
  body: print(transaction, Number),
  method: "createTransaction",
  message: { ledger, transaction: print(transaction, String), preview },
});

export const createTransactions = (
  ledger: string,
  transactions: readonly NewTransaction[],
): Call => ({
  verb: "POST",
  path: path(ledger, "/transactions/batch"),
  body: { transactions: transactions.map((each) => print(each, Number)) },
  method: "createTransactions",
  message: { ledger, transactions: transactions.map((each) => print(each, String)) },
});

/** Amounts are numbers in REST, and text in protobuf. */
const print = (
  { marker, postings, reference, script }: NewTransaction,
  amountAs: (amount: bigint) => unknown,
): object => ({
  ...(script
    ? { script }
    : { postings: postings.map((each) => ({ ...each, amount: amountAs(each.amount) })) }),
  ...(reference !== undefined && { reference }),
  metadata: { torture: marker },
});

export const revertTransaction = (ledger: string, txid: string): Call => ({
  verb: "POST",
  path: path(ledger, `/transactions/${txid}/revert`),
  method: "revertTransaction",
  message: { ledger, txid },
});

/** `target` is an address, or `tx:<id>`. */
export function setMetadata(
  ledger: string,
  target: string,
  metadata: Readonly<Record<string, string>>,
): Call {
  const txid = /^tx:(\d+)$/.exec(target)?.[1];
  return {
    verb: "POST",
    path: path(
      ledger,
      txid === undefined ? `/accounts/${target}/metadata` : `/transactions/${txid}/metadata`,
    ),
    body: metadata,
    ...(txid === undefined
      ? { method: "addMetadataToAccount", message: { ledger, address: target, metadata } }
      : { method: "addMetadataOnTransaction", message: { ledger, txid, metadata } }),
  };
}

export function setMapping(ledger: string, name: string): Call {
  const contract = contractOf(name);
  const expr = JSON.stringify(contract["expr"]);
  return {
    verb: "PUT",
    path: path(ledger, "/mapping"),
    body: { contracts: [contract] },
    method: "updateMapping",
    message: { ledger, mapping: { contracts: [{ ...contract, expr }] } },
  };
}

export const getAccount = (ledger: string, address: string): Call => ({
  verb: "GET",
  path: path(ledger, `/accounts/${address}`),
  method: "getAccount",
  message: { ledger, address },
});

export const getTransaction = (ledger: string, txid: string): Call => ({
  verb: "GET",
  path: path(ledger, `/transactions/${txid}`),
  method: "getTransaction",
  message: { ledger, txid },
});

/** The newest first; of those that touch `account`, if it is given. */
export const listTransactions = (ledger: string, pageSize: number, account?: string): Call => ({
  verb: "GET",
  path: path(
    ledger,
    `/transactions?pageSize=${pageSize}${account === undefined ? "" : `&account=${account}`}`,
  ),
  method: "listTransactions",
  message: { ledger, pageSize, ...(account !== undefined && { account }) },
});

/** Of all accounts, if they fit into a page. */
export const getBalances = (ledger: string): Call => ({
  verb: "GET",
  path: path(ledger, "/balances"),
  method: "getBalances",
  message: { ledger },
});

/** The newest first. */
export const listLogs = (ledger: string, pageSize: number): Call => ({
  verb: "GET",
  path: path(ledger, `/logs?pageSize=${pageSize}`),
  method: "listLogs",
  message: { ledger, pageSize },
});
