import type { Descriptor } from "../connector.js";

/** Follows the key's own account, or a connected one; or makes a transfer. */
export interface StripeTask extends Descriptor {
  readonly main?: true;
  readonly account?: string;
  readonly transferID: string;
}

const NO_TRANSFER = "00000000-0000-0000-0000-000000000000";

export const mainTask: StripeTask = {
  name: "Main task to periodically fetch transactions",
  ...{ main: true, transferID: NO_TRANSFER },
};

export const accountTask = (account: string): StripeTask => ({
  name: "Fetch balance transactions for a specific connected account",
  ...{ account, transferID: NO_TRANSFER },
});

export const transferTask = (id: string): StripeTask => ({
  name: "Task to initiate transfer",
  transferID: id,
});

export const isTransfer = ({ transferID }: StripeTask): boolean => transferID !== NO_TRANSFER;
