import { ok } from "../../../lib/result.js";
import type { Connector, Descriptor, TaskRoutine } from "../connector.js";
import { textAt } from "../json.js";
import { pollingPeriod, toMs } from "../pollingPeriod.js";
import { readPayments } from "../readPayments.js";
import { checkTransfer } from "./checkTransfer.js";
import { createWiseClient } from "./client.js";
import { createWisePayer } from "./payer.js";
import { type Steps, sendMoney } from "./sendMoney.js";
import { accountsOf, idOf, toPayment } from "./toPayment.js";

interface WiseConfig {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly pollingMs: number;
}

interface WiseTask extends Descriptor {
  readonly key: "fetch-profiles" | "fetch-transfers" | "transfer";
  /** 0 if it is about none. */
  readonly profileID: number;
  readonly transfer: typeof NO_TRANSFER;
}

const NO_TRANSFER = {
  id: "00000000-0000-0000-0000-000000000000",
  ...{ source: "", destination: "", amount: 0, currency: "" },
};

/** Wise: the transfers of all profiles of a token's owner, and transfers out of their balances. */
export const wise: Connector<WiseConfig, WiseTask> = {
  provider: "WISE",
  fields: [{ name: "apiKey", kind: "string", isRequired: true, isSecret: true }, pollingPeriod],
  parse: ({ apiKey, pollingPeriod: period }, { apiUrl }) =>
    ok({
      baseUrl: apiUrl ?? "https://api.wise.com",
      apiKey: String(apiKey),
      pollingMs: toMs(period),
    }),
  maxTasks: 50,
  http: ({ baseUrl, apiKey }) => ({
    baseUrl,
    headers: () => ({ authorization: `Bearer ${apiKey}` }),
  }),
  first: () => [
    {
      ...{ name: "Fetch profiles from client", key: "fetch-profiles" },
      ...{ profileID: 0, transfer: NO_TRANSFER },
    },
  ],
  taskOf: ({ key }) => ROUTINES[key],
  transfers: {
    check: checkTransfer,
    taskFor: ({ id, source, destination, amount, currency }) => ({
      ...{ name: "Initiate transfer", key: "transfer", profileID: 0 },
      transfer: { id, source, destination, amount: Number(amount), currency },
    }),
  },
};

const fetchTransfers = (profileID: number): WiseTask => ({
  ...{ name: "Fetch transfers from client by profile", key: "fetch-transfers" },
  ...{ profileID, transfer: NO_TRANSFER },
});

const ROUTINES: Readonly<Record<WiseTask["key"], TaskRoutine<WiseConfig, WiseTask>>> = {
  "fetch-profiles": {
    every: ({ pollingMs }) => pollingMs,
    async *run({ http, config }) {
      const profiles = await createWiseClient(http, config.apiKey).listProfiles();
      const ids = profiles.map((profile) => textAt(profile, "id"));
      yield {
        spawn: ids.filter(isProfileId).map((id) => fetchTransfers(Number(id))),
        problems: ids.filter((id) => !isProfileId(id)).map(() => "a profile has no good id"),
      };
    },
  },
  "fetch-transfers": {
    every: () => null,
    async *run({ http, config, descriptor: { profileID }, state }) {
      const pages = createWiseClient(http, config.apiKey).listTransfers(profileID, state);
      for await (const { items, state } of pages) {
        yield {
          accounts: items.flatMap(accountsOf),
          ...readPayments(items, idOf, toPayment),
          state,
        };
      }
    },
  },
  transfer: {
    every: ({ pollingMs }) => pollingMs,
    async *run({ http, config, descriptor, state, clock, findTransfer }) {
      const order = await findTransfer(descriptor.transfer.id);
      const payer = createWisePayer(createWiseClient(http, config.apiKey));
      const time = { clock, patienceMs: config.pollingMs };
      if (order !== null) yield* sendMoney(payer, order, (state ?? {}) as Steps, time);
    },
  },
};

/** It is part of a descriptor, as a number. */
const isProfileId = (id: string): boolean => /^[1-9]\d{0,14}$/.test(id);
