import { ok } from "../../../lib/result.js";
import type { Connector, Descriptor, HttpTarget, TaskRoutine } from "../connector.js";
import { eachPage } from "../eachPage.js";
import { endpointOf } from "../endpoint.js";
import { listAt } from "../json.js";
import { pollingPeriod, toMs } from "../pollingPeriod.js";
import { readPayments } from "../readPayments.js";
import { spawnAgain } from "../spawnAgain.js";
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

const HOSTS = ["www.bankingcircleconnect.com", "sandbox.bankingcircleconnect.com"];
const AUTHORIZATION_HOSTS = [
  "authorization.bankingcircleconnect.com",
  "authorizationsandbox.bankingcircleconnect.com",
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
    const endpoint = endpointOf(text("endpoint"), { hosts: HOSTS, apiUrl });
    if (!endpoint.ok) return endpoint;
    const name = "authorizationEndpoint";
    const login = endpointOf(text(name), { name, hosts: AUTHORIZATION_HOSTS, apiUrl });
    if (!login.ok) return login;
    const certificate = readCertificate(text("userCertificate"), text("userCertificateKey"));
    if (!certificate.ok) return certificate;
    return ok({
      ...{ username: text("username"), password: text("password"), endpoint: endpoint.value },
      authorizationEndpoint: login.value,
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
  main: spawnAgain({ name: "Fetch payments from client", key: "fetch-payments" }),
  "fetch-payments": {
    every: () => null,
    async *run({ http, state }) {
      const apart = tellApart(state);
      const pages = eachPage(
        async (page) => {
          const path = `/api/v1/payments/singles?PageSize=100&PageNumber=${page}`;
          return { items: listAt((await http.json({ path })).value, "result") };
        },
        // Whose reference is whose shows in a whole listing alone: none is gone on with.
        { first: 1, state: undefined },
      );
      for await (const { items } of pages)
        yield { ...readPayments(items, idOf, apart.read), ...apart.news() };
    },
  },
};
