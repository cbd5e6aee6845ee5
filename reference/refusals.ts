import { Code } from "@connectrpc/connect";
import { STATUS } from "../src/server/rest/restError.js";
import type { Schema } from "./schemas.js";

export interface RefusalsOptions {
  /** "Ledger". */
  readonly service: string;
  /** Of the RPC: the gRPC codes that it names are among its refusals. */
  readonly comment: string;
  readonly hasBody: boolean;
  readonly hasInput: boolean;
  readonly isOpen: boolean;
  readonly isHead: boolean;
}

/** How a call may be refused, by status. */
export function refusals(options: RefusalsOptions): Record<string, Schema> {
  const { service, comment, hasBody, hasInput, isOpen, isHead } = options;
  const statuses = new Set([
    ...(hasBody || hasInput ? [400] : []),
    ...(isOpen ? [] : [401, 403]),
    ...statusesIn(comment),
    ...(hasBody ? [413, 415] : []),
  ]);
  const entries = [...statuses]
    .sort((a, b) => a - b)
    .map((status) => [status, MEANING[status] ?? "Refused."] as const);
  return Object.fromEntries(
    [...entries, ["default", OTHERS] as const].map(([status, description]) => [
      status,
      {
        description,
        ...(status === 401 && { headers: { "WWW-Authenticate": CHALLENGE } }),
        ...(status === 503 && { headers: { "Retry-After": RETRY_AFTER } }),
        ...(!isHead && {
          content: {
            "application/json": { schema: { $ref: `#/components/schemas/${service}Error` } },
          },
        }),
      },
    ]),
  );
}

/** "NOT_FOUND" is 404, as REST has it; "RESOURCE_EXHAUSTED (503 in REST)" says so itself. */
function statusesIn(comment: string): number[] {
  return [...comment.matchAll(/\b([A-Z]+(?:_[A-Z]+)+|UNAVAILABLE)\b(?: \(([^)]*)\))?/g)].flatMap(
    ([, name = "", remark = ""]) => {
      const status = STATUS[CODES.get(name) as Code];
      const [stated] = /\d{3}(?= in REST)/.exec(remark) ?? [];
      if (status === undefined) return [];
      return [stated === undefined ? status : Number(stated)];
    },
  );
}

/** By their names in gRPC. */
const CODES: ReadonlyMap<string, Code> = new Map(
  Object.values(Code)
    .filter((code) => typeof code === "number")
    .map((code) => [Code[code].replace(/\B[A-Z]/g, "_$&").toUpperCase(), code]),
);

const MEANING: Readonly<Record<number, string>> = {
  400: "Something in the request is not as it must be, or what it asks for is refused; the error says why.",
  401: "No access token, or one that is not valid (any more).",
  403: "The token lacks the scope that the call needs.",
  404: "There is no such thing.",
  409: "It is in conflict with something that is there.",
  413: "The body is too large.",
  415: "The body is compressed; it must not be.",
  503: "Try again later: `Retry-After` says when.",
};

const OTHERS =
  "Anything else: 405 for another method, 414 for a URL that is too long, 5xx for faults of the server, which name the request by its id.";

const CHALLENGE = { description: "`Bearer`, and what is wrong.", schema: { type: "string" } };
const RETRY_AFTER = { description: "Seconds.", schema: { type: "integer", minimum: 0 } };
