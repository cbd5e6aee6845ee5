import type { DescEnum, MessageInitShape } from "@bufbuild/protobuf";
import { type AccountSchema, AccountTypeSchema } from "../../gen/florin/payments/v1/account_pb.js";
import { type Connector, ConnectorSchema } from "../../gen/florin/payments/v1/connector_pb.js";
import {
  type PaymentAdjustmentSchema,
  type PaymentSchema,
  PaymentSchemeSchema,
  PaymentStatusSchema,
  PaymentTypeSchema,
} from "../../gen/florin/payments/v1/payment_pb.js";
import type { WatchPaymentsResponseSchema } from "../../gen/florin/payments/v1/payments_pb.js";
import { type TaskSchema, TaskStatusSchema } from "../../gen/florin/payments/v1/task_pb.js";
import {
  type TransferSchema,
  TransferStatusSchema,
} from "../../gen/florin/payments/v1/transfer_pb.js";
import { encodeCursor } from "../lib/cursor.js";
import type { Page } from "../lib/page.js";
import { fail, ok, type Result } from "../lib/result.js";
import { type Micros, truncateToSecond } from "../lib/time.js";
import { enumTexts } from "../server/rest/rules.js";
import { type Listing, type ListQuery, printQuery } from "./domain/listing.js";
import type { Account, Adjustment, Payment } from "./domain/payment.js";
import type { Task } from "./domain/task.js";
import { inTurn } from "./domain/today.js";
import type { Transfer } from "./domain/transfer.js";
import type { RequestFault } from "./fault.js";
import type { Change } from "./watchPayments.js";

/** Finds the number of an enum's value by its REST text. */
function numbersOf<E extends number>(desc: DescEnum): (text: string) => E {
  const { toNumber } = enumTexts(desc);
  return (text) => (toNumber.get(text) ?? 0) as E;
}

const { byNumber: providers } = enumTexts(ConnectorSchema);

/** Null where the caller names no connector that the protocol knows. */
export function toProvider(connector: Connector): Result<string, RequestFault> {
  const provider = providers.get(connector);
  return provider === undefined ? fail({ kind: "connector-unknown" }) : ok(provider);
}

export const fromConnector = numbersOf<Connector>(ConnectorSchema);
const fromType = numbersOf(PaymentTypeSchema);
const fromStatus = numbersOf(PaymentStatusSchema);
const fromScheme = numbersOf(PaymentSchemeSchema);
const fromAccountType = numbersOf(AccountTypeSchema);
const fromTaskStatus = numbersOf(TaskStatusSchema);
const fromTransferStatus = numbersOf(TransferStatusSchema);

function fromInstant(instant: Micros) {
  const second = truncateToSecond(instant);
  return { seconds: second / 1_000_000n, nanos: Number(instant - second) * 1000 };
}

export const fromPayment = (payment: Payment): MessageInitShape<typeof PaymentSchema> => ({
  id: payment.id,
  reference: payment.reference,
  accountId: payment.account ?? "",
  type: fromType(payment.type),
  provider: fromConnector(payment.provider),
  status: fromStatus(payment.status),
  initialAmount: String(payment.initialAmount),
  scheme: fromScheme(payment.scheme),
  asset: payment.asset,
  createdAt: fromInstant(payment.createdAt),
  raw: payment.raw ?? "",
  adjustments: inTurn(payment.initialAmount, payment.adjustments).map(fromAdjustment),
  metadata: sorted(payment.metadata),
  amount: String(payment.amount),
  connectorId: payment.connector,
  sourceAccountId: payment.source ?? "",
  destinationAccountId: payment.destination ?? "",
});

const fromAdjustment = (
  adjustment: Adjustment,
): MessageInitShape<typeof PaymentAdjustmentSchema> => ({
  status: fromStatus(adjustment.status),
  amount: String(adjustment.amount),
  date: fromInstant(adjustment.date),
  raw: adjustment.raw ?? "",
  absolute: adjustment.absolute,
  reference: adjustment.reference,
});

/** By key: PostgreSQL has an order of its own. */
const sorted = (metadata: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(metadata).sort(([one], [other]) => (one < other ? -1 : 1)));

export const fromAccount = (account: Account): MessageInitShape<typeof AccountSchema> => ({
  id: account.id,
  reference: account.reference,
  createdAt: fromInstant(account.createdAt),
  provider: fromConnector(account.provider),
  type: fromAccountType(account.type),
});

export const fromTask = (task: Task): MessageInitShape<typeof TaskSchema> => ({
  id: task.id,
  connectorId: task.connector,
  createdAt: fromInstant(task.createdAt),
  updatedAt: fromInstant(task.updatedAt),
  descriptor: task.descriptor,
  status: fromTaskStatus(task.status),
  state: task.state ?? "",
  error: task.error,
});

export const fromTransfer = (transfer: Transfer): MessageInitShape<typeof TransferSchema> => ({
  ...{ id: transfer.id, source: transfer.source, destination: transfer.destination },
  ...{ amount: String(transfer.amount), asset: transfer.asset },
  status: fromTransferStatus(transfer.status),
  ...(transfer.error !== null && { error: transfer.error }),
});

export const fromChange = (
  change: Change,
): MessageInitShape<typeof WatchPaymentsResponseSchema> => ({
  id: change.event,
  date: fromInstant(change.date),
  event:
    change.kind === "payment"
      ? { case: "payment", value: fromPayment(change.payment) as never }
      : { case: "reset", value: fromConnector(change.provider) },
});

/** A page and the cursors of its neighbours: `query` from another position. */
export const fromPage = <Item, Message>(
  { pageSize, data, previous, next }: Page<Item>,
  listing: Listing,
  query: ListQuery,
  convert: (item: Item) => Message,
) => ({
  pageSize,
  hasMore: next !== null,
  previous: previous ? encodeCursor({ ...printQuery(listing, query), position: previous }) : "",
  next: next ? encodeCursor({ ...printQuery(listing, query), position: next }) : "",
  data: data.map(convert),
});
