import { type DescFile, type DescMethod, getOption } from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  createClient,
  createRouterTransport,
  type Interceptor,
} from "@connectrpc/connect";
import { expect, test } from "vitest";
import { file_florin_auth_v1_auth } from "../../../gen/florin/auth/v1/auth_pb.js";
import {
  file_florin_ledger_v1_ledger,
  LedgerService,
} from "../../../gen/florin/ledger/v1/ledger_pb.js";
import { file_florin_payments_v1_payments } from "../../../gen/florin/payments/v1/payments_pb.js";
import { method as methodRule } from "../../../gen/florin/rest/v1/options_pb.js";
import { file_florin_stack_v1_stack } from "../../../gen/florin/stack/v1/stack_pb.js";
import { principalKey } from "../../server/principal.js";
import { SERVICE_SCOPES } from "../domain/scopes.js";
import { accessOf } from "./accessOf.js";
import { checkScope } from "./checkScope.js";

/** What becomes of a call that reads and one that writes, of a caller held to `scopes`; "open" for no caller at all. */
async function outcomes(scopes: readonly string[] | null | "open") {
  const callAs: Interceptor = (next) => (request) => {
    if (scopes !== "open") {
      request.contextValues.set(principalKey, {
        kind: "client",
        subject: "shop",
        clientId: "shop",
        scopes: scopes && new Set(scopes),
        expiresAt: 0n,
      });
    }
    return next(request);
  };
  const transport = createRouterTransport(
    (router) =>
      router.service(LedgerService, { getInfo: () => ({}), addMetadataToAccount: () => ({}) }),
    { router: { interceptors: [callAs, checkScope()] } },
  );
  const ledger = createClient(LedgerService, transport);
  const outcome = (call: Promise<unknown>) =>
    call.then(
      () => "done",
      (error) => ConnectError.from(error),
    );
  return [await outcome(ledger.getInfo({})), await outcome(ledger.addMetadataToAccount({}))];
}

test("an unrestricted caller may do everything", async () => {
  expect(await outcomes(null)).toEqual(["done", "done"]);
});

test("a caller is held to its scopes, and told which one is missing", async () => {
  const [read, write] = await outcomes(["ledger:read"]);
  expect(read).toBe("done");
  expect(write).toMatchObject({
    code: Code.PermissionDenied,
    rawMessage: "the access token lacks the scope ledger:write",
  });
  expect((write as ConnectError).metadata.get("WWW-Authenticate")).toBe(
    'Bearer error="insufficient_scope", scope="ledger:write"',
  );
});

test("who may write may read, but only there", async () => {
  expect(await outcomes(["ledger:write"])).toEqual(["done", "done"]);
  const denied = { code: Code.PermissionDenied };
  expect(await outcomes(["payments:write"])).toMatchObject([denied, denied]);
});

test("a caller held to nothing may do nothing", async () => {
  expect(await outcomes([])).toMatchObject([
    { code: Code.PermissionDenied },
    { code: Code.PermissionDenied },
  ]);
});

test("where nobody was asked for a token, scopes do not matter", async () => {
  expect(await outcomes("open")).toEqual(["done", "done"]);
});

const ours: DescFile[] = [
  file_florin_auth_v1_auth,
  file_florin_ledger_v1_ledger,
  file_florin_payments_v1_payments,
  file_florin_stack_v1_stack,
];
const methods = ours.flatMap((file) => file.services).flatMap((service) => service.methods);

test("each of our methods has a scope that exists, and only two are open", () => {
  const nameOf = (method: DescMethod) => `${method.parent.name}/${method.name}`;
  for (const method of methods) {
    const access = accessOf(method);
    if (!access.isOpen)
      expect([nameOf(method), SERVICE_SCOPES]).toEqual([
        nameOf(method),
        expect.arrayContaining([access.scope]),
      ]);
  }
  expect(methods.filter((method) => accessOf(method).isOpen).map(nameOf)).toEqual([
    "AuthService/GetServerInfo",
    "StackService/GetVersions",
  ]);
});

test("each of our methods is guarded by its own service's scope", () => {
  for (const method of methods) {
    const { scope, open } = getOption(method, methodRule);
    const [, service] = method.parent.typeName.split(".");
    if (!open) expect(scope).toMatch(new RegExp(`^${service}:(read|write)$`));
  }
});
