import { getOption } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { AuthService } from "../../gen/florin/auth/v1/auth_pb.js";
import { LedgerService } from "../../gen/florin/ledger/v1/ledger_pb.js";
import { PaymentsService } from "../../gen/florin/payments/v1/payments_pb.js";
import { method as rule } from "../../gen/florin/rest/v1/options_pb.js";
import { StackService } from "../../gen/florin/stack/v1/stack_pb.js";
import { takesKey } from "./idempotencyKey.js";
import { isRead } from "./isRead.js";

const unary = [AuthService, LedgerService, PaymentsService, StackService].flatMap(({ methods }) =>
  methods.filter((method) => method.methodKind === "unary"),
);

test("reads are what the scope to read is enough for, or no scope at all", () => {
  const byScope = unary.filter((method) => {
    const { scope, open } = getOption(method, rule);
    return open || scope.endsWith(":read");
  });
  expect(unary.filter(isRead)).toEqual(byScope);
});

test("of the ledger's writes and of transfers, all can be repeated", () => {
  const final = unary.filter((method) => !isRead(method) && !takesKey(method));
  expect(final.map(({ name }) => name)).toEqual([
    ...["CreateClient", "UpdateClient", "DeleteClient", "CreateSecret", "DeleteSecret"],
    ...["AddScopeToClient", "DeleteScopeFromClient", "CreateScope", "UpdateScope", "DeleteScope"],
    ...["AddTransientScope", "DeleteTransientScope"],
    ...["UpdateMetadata", "InstallConnector", "UninstallConnector", "ResetConnector"],
  ]);
});
