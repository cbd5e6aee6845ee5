import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import { Connector } from "../../gen/florin/payments/v1/connector_pb.js";
import type { PaymentsService } from "../../gen/florin/payments/v1/payments_pb.js";
import { toIdempotencyKey } from "../lib/idempotency.js";
import type { Result } from "../lib/result.js";
import { spanOf } from "../server/callRecord.js";
import { unwrap } from "../server/unwrap.js";
import {
  fromAccount,
  fromChange,
  fromPage,
  fromPayment,
  fromTask,
  fromTransfer,
  toProvider,
} from "./convert.js";
import { fromConfig, fromField, fromInstalled, toConfigValues } from "./convertConfig.js";
import { toListQuery } from "./convertQuery.js";
import { ACCOUNTS, PAYMENTS, TASKS } from "./domain/listing.js";
import { paymentsErrors } from "./errors.js";
import type { PaymentsFailure } from "./fault.js";
import { getPayment } from "./getPayment.js";
import { installConnector } from "./installConnector.js";
import { listAccounts } from "./listAccounts.js";
import { listPayments } from "./listPayments.js";
import { listTransfers } from "./listTransfers.js";
import { makeTransferNow } from "./makeTransferNow.js";
import type { Payments } from "./payments.js";
import { readConnectorConfig } from "./readConfig.js";
import { resetConnector, uninstallConnector } from "./removeConnector.js";
import { requestTransfer } from "./requestTransfer.js";
import { listConnectors } from "./store/connectors.js";
import { getTask, listTasks } from "./tasks.js";
import { updateMetadata } from "./updateMetadata.js";
import { createPaymentsWatch } from "./watchPayments.js";

interface Parts {
  readonly payments: Payments;
  /** Of Florin. */
  readonly version: string;
}

type Methods = Partial<ServiceImpl<typeof PaymentsService>>;

export const paymentsService = (parts: Parts): ServiceImpl<typeof PaymentsService> => ({
  getServerInfo: () => ({ version: parts.version }),
  ...reads(parts),
  ...connectors(parts),
  ...transfers(parts),
});

const take = <T>(result: Result<T, PaymentsFailure>): T => unwrap(result, paymentsErrors);

function reads({ payments }: Parts) {
  const watchPayments = createPaymentsWatch(payments);
  return {
    async listPayments(request) {
      const query = take(toListQuery(PAYMENTS, request));
      const page = await listPayments(payments, query);
      return { cursor: fromPage(page, PAYMENTS, query, fromPayment) };
    },
    async getPayment({ paymentId }) {
      return { data: fromPayment(take(await getPayment(payments, paymentId))) };
    },
    async updateMetadata({ paymentId, metadata }) {
      take(await updateMetadata(payments, paymentId, metadata));
      return {};
    },
    async *watchPayments({ lastEventId, after }, { signal }) {
      for await (const change of watchPayments(lastEventId ?? after ?? null, signal)) {
        yield fromChange(change);
      }
    },
    async listAccounts(request) {
      const query = take(toListQuery(ACCOUNTS, request));
      const page = await listAccounts(payments, query);
      return { cursor: fromPage(page, ACCOUNTS, query, fromAccount) };
    },
  } satisfies Methods;
}

const connectors = ({ payments }: Parts) =>
  ({
    async listAllConnectors() {
      return { data: (await listConnectors(payments.db)).map(fromInstalled) };
    },
    async listConfigsAvailableConnectors() {
      const templates = [...payments.connectors.values()].map(({ provider, fields }) => [
        provider,
        { fields: Object.fromEntries(fields.map((field) => [field.name, fromField(field)])) },
      ]);
      return { data: Object.fromEntries(templates) };
    },
    async installConnector({ connector, config }) {
      const provider = take(toProvider(connector));
      const values = take(toConfigValues(provider, config));
      take(await installConnector(payments, provider, values));
      return {};
    },
    async uninstallConnector({ connector }) {
      take(await uninstallConnector(payments, take(toProvider(connector))));
      return {};
    },
    async readConnectorConfig({ connector }) {
      const provider = take(toProvider(connector));
      return { data: fromConfig(provider, take(await readConnectorConfig(payments, provider))) };
    },
    async resetConnector({ connector }) {
      take(await resetConnector(payments, take(toProvider(connector))));
      return {};
    },
    async listConnectorTasks({ connector, ...request }) {
      const provider = take(toProvider(connector));
      const query = take(toListQuery(TASKS, request));
      const page = take(await listTasks(payments, provider, query));
      return { cursor: fromPage(page, TASKS, query, fromTask) };
    },
    async getConnectorTask({ connector, taskId }) {
      const task = await getTask(payments, take(toProvider(connector)), taskId);
      return { data: fromTask(take(task)) };
    },
  }) satisfies Methods;

/** Tells that the answer is an earlier one's. */
const flagReplay = ({ responseHeader }: HandlerContext): void =>
  responseHeader.set("Idempotency-Hit", "true");

const transfers = ({ payments }: Parts) =>
  ({
    async connectorsTransfer({ connector, transfer, idempotencyKey }, context) {
      const key = take(toIdempotencyKey(idempotencyKey));
      const { amount = "", asset = "", destination = "", source = "" } = transfer ?? {};
      const sent = { amount, asset, destination, source };
      const provider = take(toProvider(connector));
      const { id, isReplay } = take(await requestTransfer(payments, provider, sent, key));
      if (isReplay) flagReplay(context);
      return { id, data: { id } };
    },
    async listConnectorsTransfers({ connector }) {
      const list = take(await listTransfers(payments, take(toProvider(connector))));
      return { data: list.map(fromTransfer) };
    },
    async connectorsStripeTransfer({ transfer, idempotencyKey }, context) {
      const key = take(toIdempotencyKey(idempotencyKey));
      const { amount = "", asset = "", destination = "", metadata = {} } = transfer ?? {};
      const sent = { amount, asset, destination, metadata };
      const provider = take(toProvider(Connector.STRIPE));
      const made = await makeTransferNow(payments, provider, sent, key, spanOf(context));
      const { answer, isReplay } = take(made);
      if (isReplay) flagReplay(context);
      return { data: answer };
    },
  }) satisfies Methods;
