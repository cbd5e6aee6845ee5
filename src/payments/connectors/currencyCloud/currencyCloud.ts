import type { Json } from "../../../lib/parseJson.js";
import { ok } from "../../../lib/result.js";
import { formatInstant, type Micros, parseInstant } from "../../../lib/time.js";
import type { Connector, Descriptor, TaskRoutine } from "../connector.js";
import { ProviderError } from "../connector.js";
import { endpointOf } from "../endpoint.js";
import { memberOf, textOf } from "../json.js";
import { toPayment } from "./payment.js";
import {
  type CurrencyCloudCredentials,
  forgetToken,
  LoginRefused,
  openSession,
  type Session,
} from "./session.js";

export interface CurrencyCloudConfig extends CurrencyCloudCredentials {
  readonly pollingMs: number;
}

export interface CurrencyCloudTask extends Descriptor {
  readonly key: "main" | "fetch-transactions";
}

/** What a task leaves behind: the page to go on with, and until when it had better be quiet. Nothing once all is read. */
interface Place {
  readonly page?: number;
  readonly pause?: { readonly until: string; readonly error: string };
}

type Routine = TaskRoutine<CurrencyCloudConfig, CurrencyCloudTask>;

const DEMO = "https://devapi.currencycloud.com";

export const currencyCloud: Connector<CurrencyCloudConfig, CurrencyCloudTask> = {
  provider: "CURRENCY-CLOUD",
  fields: [
    { name: "apiKey", kind: "string", isRequired: true, isSecret: true },
    { name: "loginID", kind: "string", isRequired: true },
    { name: "endpoint", kind: "string", isRequired: false },
    {
      ...{ name: "pollingPeriod", kind: "duration ns", isRequired: false },
      fallback: 120_000_000_000n,
    },
  ],
  parse(values, { apiUrl }) {
    const endpoint = endpointOf(String(values["endpoint"]), { ...PLACES, apiUrl });
    if (!endpoint.ok) return endpoint;
    return ok({
      loginID: String(values["loginID"]),
      apiKey: String(values["apiKey"]),
      endpoint: endpoint.value,
      pollingMs: Number(values["pollingPeriod"]) / 1e6,
    });
  },
  maxTasks: 50,
  // It bears 500 requests in a minute, and 150 where one tries things.
  http: ({ endpoint }) => ({ baseUrl: endpoint, perSecond: endpoint === DEMO ? 2 : 8 }),
  first: () => [{ name: "Main task to periodically fetch users and transactions", key: "main" }],
  taskOf: ({ key }) => ROUTINES[key],
  remove: async (config) => forgetToken(config),
};

const PLACES = { usual: DEMO, hosts: ["devapi.currencycloud.com", "api.currencycloud.com"] };

const ROUTINES: Readonly<Record<CurrencyCloudTask["key"], Routine>> = {
  main: {
    every: ({ pollingMs }) => pollingMs,
    async *run() {
      yield { spawn: [FETCH_TRANSACTIONS] };
    },
  },
  "fetch-transactions": {
    every: () => null,
    async *run(context) {
      const { clock } = context;
      const { page: from = 1, pause } = (context.state ?? {}) as Place;
      if (pause && clock() < (parseInstant(pause.until) ?? 0n)) throw new Error(pause.error);
      const session = openSession(context);
      let page: number | null = from;
      try {
        while (page !== null) {
          const { payments, next }: TransactionsPage = await readPage(session, page);
          yield {
            payments: payments.flatMap((it) => (it.ok ? [it.value] : [])),
            problems: payments.flatMap((it) => (it.ok ? [] : [it.failure])),
            state: next === null ? {} : { page: next },
          };
          page = next;
        }
      } catch (error) {
        const place = placeAfter(error, page ?? 1, clock());
        if (place !== null) yield { state: place };
        throw error;
      }
    },
  },
};

const FETCH_TRANSACTIONS: CurrencyCloudTask = {
  name: "Fetch transactions from client",
  key: "fetch-transactions",
};

interface TransactionsPage {
  readonly payments: readonly ReturnType<typeof toPayment>[];
  /** Null after the last one. */
  readonly next: number | null;
}

const PATH = "/v2/transactions/find";

/** Oldest first: what is new comes at the end, and no page changes its place. */
async function readPage(session: Session, page: number): Promise<TransactionsPage> {
  const answer = await session.get(`${PATH}?page=${page}&order=created_at&order_asc_desc=asc`);
  const items: Json | undefined = memberOf(answer, "transactions");
  if (!Array.isArray(items))
    throw new ProviderError(`GET ${PATH}: answered something that is no page`);
  const next = Number(textOf(memberOf(memberOf(answer, "pagination"), "next_page")));
  return {
    payments: items.map(toPayment),
    next: Number.isSafeInteger(next) && next > page ? next : null,
  };
}

const MINUTE: Micros = 60_000_000n;

/** Where to go on after an error; null: where it was, and when it pleases. */
function placeAfter(error: unknown, page: number, now: Micros): Place | null {
  if (!(error instanceof ProviderError)) return null;
  const { status, message } = error;
  const pauseOf = (wait: Micros) => ({ until: formatInstant(now + wait), error: message });
  // Four refused logins lock the account. Whoever has better credentials installs anew, and does not wait.
  if (error instanceof LoginRefused) return { page, pause: pauseOf(60n * MINUTE) };
  if (status === 429) return { page, pause: pauseOf(MINUTE) };
  // There may be fewer pages than there were.
  return page > 1 && (status === 400 || status === 404) ? {} : null;
}
