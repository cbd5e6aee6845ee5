import type { DescMethod, Message } from "@bufbuild/protobuf";
import { ConnectError, type Interceptor, type UnaryRequest } from "@connectrpc/connect";
import { codeToString } from "@connectrpc/connect/protocol-connect";
import type { Logger } from "pino";
import { AuthService } from "../../../gen/florin/auth/v1/auth_pb.js";
import { recordOf } from "../../server/callRecord.js";
import { principalKey } from "../../server/principal.js";
import { audit } from "../audit.js";
import { accessOf } from "./accessOf.js";

/**
 * Writes an audit line for each call that changes who may do what, refused ones too. Comes before whatever may refuse a
 * call, or make another error of it.
 */
export const auditChanges =
  (logger: Logger): Interceptor =>
  (next) =>
  async (request) => {
    const { method } = request;
    if (request.stream || !isChange(method)) return next(request);
    const note = (outcome: string, made: Record<string, string>) => {
      const record = recordOf(request);
      const principal = request.contextValues.get(principalKey);
      audit(logger, {
        what: `${AuthService.name}/${method.name}`,
        who: principal?.subject ?? null,
        clientId: principal?.clientId ?? null,
        address: record?.address ?? "",
        requestId: record?.requestId ?? null,
        span: record?.span ?? null,
        outcome,
        // Whoever is nobody is not worth reading a message for.
        ids: principal === null ? {} : { ...idsOf(request), ...made },
      });
    };
    try {
      const response = await next(request);
      note("ok", response.stream ? {} : idMade(method, response.message));
      return response;
    } catch (error) {
      note(codeToString(ConnectError.from(error).code), {});
      throw error;
    }
  };

function isChange(method: DescMethod): boolean {
  if (method.parent.typeName !== AuthService.typeName) return false;
  const access = accessOf(method);
  return !access.isOpen && access.scope === "auth:write";
}

/** The ids that a request names; none if it cannot be read. */
function idsOf(request: UnaryRequest): Record<string, string> {
  try {
    // Fields of a message are its properties, by their local names.
    const message = request.message as Message & Record<string, unknown>;
    const fields = request.method.input.fields.filter(({ name }) => name.endsWith("_id"));
    return Object.fromEntries(fields.map((it) => [it.name, String(message[it.localName])]));
  } catch {
    return {};
  }
}

/** The id of what "CreateClient" has made, as `client_id`. */
function idMade({ name }: DescMethod, message: Message): Record<string, string> {
  const [, noun] = /^Create(.+)$/.exec(name) ?? [];
  const { data } = message as Message & { readonly data?: { readonly id: string } };
  return noun && data ? { [`${noun.toLowerCase()}_id`]: data.id } : {};
}
