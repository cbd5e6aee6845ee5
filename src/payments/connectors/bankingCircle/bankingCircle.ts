import { fail, ok } from "../../../lib/result.js";
import { allowedUrl } from "../allowedUrl.js";
import type { Connector, Descriptor, HttpTarget, TaskRoutine } from "../connector.js";
import { eachPage } from "../eachPage.js";
import { pollingPeriod, toMs } from "../pollingPeriod.js";
import { listAt, readPayments } from "../readAnswer.js";
import { readCertificate } from "./certificate.js";
import { logIn } from "./logIn.js";
import { tellApart } from "./tellApart.js";
import { idOf } from "./toPayment.js";

export interface BankingCircleConfig {
  readonly username: string;
  readonly password: string;
  /** Without a slash at its end. */
  readonly endpoint: string;
  /** Where tokens are asked from. Without a slash at its end. */
  readonly authorizationEndpoint: string;
  /** Ours; null: it asks for none. */
  readonly certificate: HttpTarget["certificate"] | null;
  readonly pollingMs: number;
}

interface BankingCircleTask extends Descriptor {
  readonly key: "main" | "fetch-payments";
}

type Routine = TaskRoutine<BankingCircleConfig, BankingCircleTask>;

const OWN_URLS = [
  "https://www.bankingcircleconnect.com",
  "https://sandbox.bankingcircleconnect.com",
];
const OWN_AUTHORIZATION_URLS = [
  "https://authorization.bankingcircleconnect.com",
  "https://authorizationsandbox.bankingcircleconnect.com",
];

/** Banking Circle: the payments of one user. */
export const bankingCircle: Connector<BankingCircleConfig, BankingCircleTask> = {
  provider: "BANKING-CIRCLE",
  fields: [
    { name: "username", kind: "string", isRequired: true },
    { name: "password", kind: "string", isRequired: true, isSecret: true },
    { name: "endpoint", kind: "string", isRequired: true },
    {
      ...{ name: "authorizationEndpoint", kind: "string", isRequired: true },
      complaint: "missing authorization endpoint from config",
    },
    { name: "userCertificate", kind: "long string", isRequired: false },
    { name: "userCertificateKey", kind: "long string", isRequired: false, isSecret: true },
    pollingPeriod,
  ],
  parse(values, { apiUrl }) {
    const text = (name: string) => String(values[name]);
    const endpoint = allowedUrl("endpoint", text("endpoint"), OWN_URLS, apiUrl);
    if (!endpoint.ok) return fail(endpoint.failure);
    const authorizationEndpoint = allowedUrl(
      ...(["authorizationEndpoint", text("authorizationEndpoint")] as const),
      ...([OWN_AUTHORIZATION_URLS, apiUrl] as const),
    );
    if (!authorizationEndpoint.ok) return fail(authorizationEndpoint.failure);
    const certificate = readCertificate(text("userCertificate"), text("userCertificateKey"));
    if (!certificate.ok) return fail(certificate.failure);
    return ok({
      ...{ username: text("username"), password: text("password"), endpoint: endpoint.value },
      authorizationEndpoint: authorizationEndpoint.value,
      ...{ certificate: certificate.value, pollingMs: toMs(values["pollingPeriod"]) },
    });
  },
  maxTasks: 50,
  http: (config) => ({
    ...{ baseUrl: config.endpoint, alsoAt: [config.authorizationEndpoint] },
    ...(config.certificate && { certificate: config.certificate }),
    logIn: (http) => logIn(http, config),
  }),
  first: () => [{ name: "Main task to periodically fetch payments", key: "main" }],
  taskOf: ({ key }) => ROUTINES[key],
};

const ROUTINES: Readonly<Record<BankingCircleTask["key"], Routine>> = {
  main: {
    every: ({ pollingMs }) => pollingMs,
    async *run() {
      yield { spawn: [{ name: "Fetch payments from client", key: "fetch-payments" }] };
    },
  },
  "fetch-payments": {
    every: () => null,
    async *run({ http }) {
      const pages = eachPage(
        async (page) => {
          const path = `/api/v1/payments/singles?PageSize=100&PageNumber=${page}`;
          return listAt((await http.json({ path })).value, "result");
        },
        { first: 1 },
      );
      const toPayment = tellApart();
      for await (const payments of pages) yield readPayments(payments, idOf, toPayment);
    },
  },
};
