import { data, fields, mapOf, type Operation, oneOf, page, type Shape } from "./operation.js";

const connector = oneOf(
  "STRIPE",
  "DUMMY-PAY",
  "WISE",
  "MODULR",
  "CURRENCY-CLOUD",
  "BANKING-CIRCLE",
);
const variables = { connector };

/** ACTIVE and TERMINATED are in the document too: it has one list for payments and tasks. */
const paymentStatus = oneOf("PENDING", "SUCCEEDED", "CANCELLED", "FAILED");
/** SUCCEEDED and CANCELLED are in the document too, for the same reason. */
const taskStatus = oneOf("PENDING", "ACTIVE", "TERMINATED", "FAILED");

const payment = fields({
  id: "string",
  reference: "string",
  accountID: "string",
  type: oneOf("PAY-IN", "PAYOUT", "TRANSFER", "OTHER"),
  provider: connector,
  status: paymentStatus,
  initialAmount: "integer",
  scheme: oneOf(
    ...["visa", "mastercard", "amex", "diners", "discover", "jcb", "unionpay"],
    ...["sepa debit", "sepa credit", "sepa", "apple pay", "google pay", "a2a"],
    ...["ach debit", "ach", "rtp", "unknown", "other"],
  ),
  asset: "string",
  createdAt: "time",
  raw: "object",
  adjustments: [
    fields({
      status: paymentStatus,
      amount: "integer",
      date: "time",
      raw: "object",
      absolute: "boolean",
    }),
  ],
  metadata: mapOf("string"),
});

const task = fields({
  id: "string",
  connectorId: "string",
  createdAt: "time",
  updatedAt: "time",
  status: taskStatus,
  state: "object",
  error: "string",
  descriptor: "object",
});

const configs: Readonly<Record<string, Readonly<Record<string, Shape>>>> = {
  STRIPE: { pollingPeriod: "duration", apiKey: "string", pageSize: "integer" },
  "DUMMY-PAY": {
    filePollingPeriod: "duration",
    fileGenerationPeriod: "duration",
    directory: "string",
  },
  WISE: { apiKey: "string" },
  MODULR: { apiKey: "string", apiSecret: "string", endpoint: "string" },
  "CURRENCY-CLOUD": {
    apiKey: "string",
    loginID: "string",
    pollingPeriod: "duration",
    endpoint: "string",
  },
  "BANKING-CIRCLE": {
    username: "string",
    password: "string",
    endpoint: "string",
    authorizationEndpoint: "string",
  },
};

const installs = Object.entries(configs).map(([name, config]) => ({
  call: `POST /api/payments/connectors/${name}`,
  body: fields(config),
  status: 204,
}));

const paging = { pageSize: "integer", cursor: "string" } as const;
const sorting = { ...paging, sort: ["string"] } as const;

export const paymentsOperations: readonly Operation[] = [
  { call: "GET /api/payments/_info", status: 200, answer: fields({ version: "string" }) },
  { call: "GET /api/payments/payments", query: sorting, status: 200, answer: page(payment) },
  { call: "GET /api/payments/payments/{paymentId}", status: 200, answer: data(payment) },
  {
    call: "PATCH /api/payments/payments/{paymentId}/metadata",
    body: mapOf("string"),
    status: 204,
  },
  {
    call: "GET /api/payments/accounts",
    query: sorting,
    status: 200,
    answer: page(
      fields({
        id: "string",
        createdAt: "time",
        provider: connector,
        reference: "string",
        type: oneOf("TARGET", "SOURCE"),
      }),
    ),
  },
  {
    call: "GET /api/payments/connectors",
    status: 200,
    answer: data([fields({ provider: connector, enabled: "boolean" })]),
  },
  {
    call: "GET /api/payments/connectors/configs",
    status: 200,
    answer: data(mapOf(mapOf(fields({ dataType: "string", required: "boolean" })))),
  },
  ...installs,
  { call: "DELETE /api/payments/connectors/{connector}", variables, status: 204 },
  {
    call: "GET /api/payments/connectors/{connector}/config",
    variables,
    status: 200,
    answer: data(fields(Object.assign({}, ...Object.values(configs)))),
  },
  { call: "POST /api/payments/connectors/{connector}/reset", variables, status: 204 },
  {
    call: "GET /api/payments/connectors/{connector}/tasks",
    variables,
    query: paging,
    status: 200,
    answer: page(task),
  },
  {
    call: "GET /api/payments/connectors/{connector}/tasks/{taskId}",
    variables,
    status: 200,
    answer: data(task),
  },
  {
    call: "POST /api/payments/connectors/{connector}/transfers",
    variables,
    body: fields({
      amount: "integer",
      asset: "string",
      destination: "string",
      source: "string",
    }),
    status: 200,
    answer: fields({ id: "string" }),
  },
  {
    call: "GET /api/payments/connectors/{connector}/transfers",
    variables,
    status: 200,
    answer: data([
      fields({
        id: "string",
        amount: "integer",
        asset: "string",
        destination: "string",
        source: "string",
        currency: "string",
        status: "string",
        error: "string",
      }),
    ]),
  },
  {
    call: "POST /api/payments/connectors/stripe/transfers",
    body: fields({
      amount: "integer",
      asset: "string",
      destination: "string",
      metadata: "object",
    }),
    status: 200,
    answer: "object",
  },
];

export const stackOperations: readonly Operation[] = [
  {
    call: "GET /versions",
    status: 200,
    answer: fields({
      region: "string",
      env: "string",
      versions: [fields({ name: "string", version: "string", health: "boolean" })],
    }),
  },
];
