import { authErrors } from "../src/auth/errors.js";
import { ledgerErrors } from "../src/ledger/errors.js";
import { paymentsErrors } from "../src/payments/errors.js";
import type { ErrorCode } from "../src/server/apiError.js";
import type { Schema } from "./schemas.js";

type Table = Readonly<Record<string, { readonly errorCode: ErrorCode }>>;

const TABLES: Readonly<Record<string, Table>> = {
  Auth: authErrors,
  Ledger: ledgerErrors,
  Payments: paymentsErrors,
  Stack: {},
};

/** What the server answers before a service is asked. */
const COMMON: readonly ErrorCode[] = ["VALIDATION", "NOT_FOUND", "INTERNAL"];

/** Error codes of a service, as its table has them. */
export const errorCodesOf = (service: string): ErrorCode[] => [
  ...new Set([
    ...COMMON,
    ...Object.values(TABLES[service] ?? {}).map(({ errorCode }) => errorCode),
  ]),
];

/** The errors of each service: of one shape, with codes of their own. */
export const errorSchemas = (): Record<string, Schema> =>
  Object.fromEntries(
    Object.keys(TABLES).map((service) => {
      const code = { type: "string", enum: errorCodesOf(service) };
      return [
        `${service}Error`,
        {
          type: "object",
          description:
            "Why a call was refused or failed. One that was refused (4xx) has changed nothing.",
          required: ["errorCode", "errorMessage", "error_code", "error_message"],
          properties: {
            errorCode: { ...code, description: "What kind of reason it is." },
            errorMessage: { type: "string", description: "The reason, for people." },
            details: {
              type: "string",
              description:
                "More of it, where there is more: the request's id for a fault of the server.",
            },
            error_code: { ...code, description: "The same as `errorCode`.", deprecated: true },
            error_message: {
              type: "string",
              description: "The same as `errorMessage`.",
              deprecated: true,
            },
          },
        },
      ];
    }),
  );
