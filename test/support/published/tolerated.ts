import { type Operation, REFUSAL, type Schema, type Schemas } from "./document.js";

/** Something that our answers have and the document does not. */
export interface Tolerance {
  readonly what: string;
  readonly why: string;
  /** Makes the document say it. */
  readonly amend: (schemas: Schemas, operations: readonly Operation[]) => void;
}

/** All that the document would refuse, and we send on purpose. Everything else must be as it says, and no more. */
export const TOLERATED: readonly Tolerance[] = [
  {
    what: "error code NOT_FOUND",
    why: "the reference sends it, and clients know it",
    amend: ({ ErrorsEnum }) => ErrorsEnum?.enum?.push("NOT_FOUND"),
  },
  {
    what: "error_code and error_message beside errorCode and errorMessage",
    why: "deprecated twins; the document itself requires the first, though it never describes it",
    amend: ({ ErrorResponse, ScriptResponse }) => {
      for (const { properties = {} } of [ErrorResponse, ScriptResponse].map(known)) {
        properties["error_code"] = known(properties["errorCode"]);
        properties["error_message"] = known(properties["errorMessage"]);
      }
    },
  },
  {
    what: "page_size and has_more beside pageSize and hasMore",
    why: "deprecated twins",
    amend: (schemas) => {
      for (const list of ["Accounts", "Balances", "Transactions", "Logs"]) {
        const { properties = {} } = known(schemas[`${list}CursorResponse`]?.properties?.["cursor"]);
        properties["page_size"] = known(properties["pageSize"]);
        properties["has_more"] = known(properties["hasMore"]);
      }
    },
  },
  {
    what: 'Contract.required: ["accounts", …]',
    why: 'a slip of the document: the property is called "account"',
    amend: ({ Contract }) => {
      known(Contract).required = ["account", "expr"];
    },
  },
  {
    what: "the name of a contract",
    why: "the reference stores it and always shows it",
    amend: ({ Contract }) => {
      const { properties = {} } = known(Contract);
      properties["name"] = { type: "string" };
    },
  },
  {
    what: "a negative number among an account's volumes",
    why: "a slip of the document: the balance is one of them, and world's is below zero",
    amend: ({ AccountWithVolumesAndBalances }) => {
      const volumes = AccountWithVolumesAndBalances?.properties?.["volumes"];
      delete known(volumes?.additionalProperties?.additionalProperties).minimum;
    },
  },
  {
    what: "amounts, volumes and balances beyond 64 bits",
    why: "money has no size limit, on any wire",
    amend: ({ Posting, Volume, AssetsBalances, AccountWithVolumesAndBalances }) => {
      const { volumes, balances } = known(AccountWithVolumesAndBalances).properties ?? {};
      const { input, output, balance } = known(Volume).properties ?? {};
      const amounts = [
        ...[input, output, balance, Posting?.properties?.["amount"]],
        ...[AssetsBalances?.additionalProperties, balances?.additionalProperties],
        volumes?.additionalProperties?.additionalProperties,
      ];
      for (const amount of amounts) delete known(amount).format;
    },
  },
  {
    what: "refusals of /script by status",
    why: "a body that cannot be read, a caller who may not: the document has 200 alone",
    amend: (_, operations) => {
      const script = operations.find(({ path }) => path.endsWith("/script"));
      if (script === undefined) throw new Error("the document has no scripts any more");
      script.responses["default"] = REFUSAL;
    },
  },
  {
    what: "refusals of Auth by status",
    why: "what is missing, taken, malformed or forbidden: the document has successes alone",
    amend: (_, operations) => {
      for (const { path, responses } of operations) {
        if (path.startsWith("/api/auth/")) responses["default"] = REFUSAL;
      }
    },
  },
];

function known(schema: Schema | undefined): Schema {
  if (schema === undefined) throw new Error("the document has no such schema any more");
  return schema;
}
