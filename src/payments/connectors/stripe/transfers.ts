import type { JsonObject } from "../../../lib/parseJson.js";
import { printJson } from "../../../lib/printJson.js";
import { fail, ok } from "../../../lib/result.js";
import { formatInstant } from "../../../lib/time.js";
import type { DirectTransfer } from "../../domain/transfer.js";
import type { Connector, TaskRoutine } from "../connector.js";
import type { StripeConfig } from "./config.js";
import { idAt } from "./idAt.js";
import { toStripeUnits } from "./money.js";
import { type StripeTask, transferTask } from "./task.js";
import { createTransferClient, type TransferClient } from "./transferClient.js";

/** Transfers to connected accounts. */
export const transfers: NonNullable<Connector<StripeConfig, StripeTask>["transfers"]> = {
  check({ amount, currency }) {
    const units = toStripeUnits(amount, currency);
    return units.ok ? ok(null) : units;
  },
  taskFor: ({ id }) => transferTask(id),
  async sendNow({ config, http }, transfer, isRepeat) {
    const made = await make(createTransferClient(http, config.apiKey), transfer, isRepeat);
    return made.ok ? ok(printJson(made.value)) : fail(made.failure.object);
  },
};

/** State: when the first attempt began. Whoever finds one looks for what it may have done. */
export const TRANSFER: TaskRoutine<StripeConfig, StripeTask> = {
  every: ({ pollingMs }) => pollingMs,
  async *run({ config, descriptor, state, clock, http, findTransfer }) {
    const order = await findTransfer(descriptor.transferID);
    if (order === null) return;
    const isRepeat = state !== undefined;
    if (!isRepeat) yield { state: { begunAt: formatInstant(clock()) } };
    const client = createTransferClient(http, config.apiKey);
    const made = await make(client, { ...order, metadata: {} }, isRepeat);
    const { id } = order;
    yield {
      transfer: made.ok
        ? { id, status: "SUCCEEDED", reference: idAt(made.value, "balance_transaction") }
        : { id, status: "FAILED", error: made.failure.message },
    };
  },
};

/** Stripe forgets idempotency keys, but not what was made under our id. */
async function make(client: TransferClient, transfer: DirectTransfer, isRepeat: boolean) {
  const found: JsonObject | null = isRepeat ? await client.find(transfer.id) : null;
  return found === null ? client.create(transfer) : ok(found);
}
