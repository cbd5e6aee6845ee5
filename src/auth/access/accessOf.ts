import type { DescMethod } from "@bufbuild/protobuf";
import { getOption } from "@bufbuild/protobuf";
import { method as methodRule } from "../../../gen/florin/rest/v1/options_pb.js";

/** Who may call an RPC: everybody, or whoever holds `scope`. */
export type Access = { readonly isOpen: true } | { readonly isOpen: false; readonly scope: string };

/** Services from elsewhere, which cannot carry our options: health and reflection are for everybody. */
const OPEN_SERVICES: ReadonlySet<string> = new Set([
  "grpc.health.v1.Health",
  "grpc.reflection.v1.ServerReflection",
  "grpc.reflection.v1alpha.ServerReflection",
]);

const known = new WeakMap<DescMethod, Access>();

/** The access rule of `method`, as its proto file states it. One without a rule is nobody's to call. */
export function accessOf(method: DescMethod): Access {
  let access = known.get(method);
  if (access === undefined) {
    access = readAccess(method);
    known.set(method, access);
  }
  return access;
}

function readAccess(method: DescMethod): Access {
  const { open, scope } = getOption(method, methodRule);
  if (open || OPEN_SERVICES.has(method.parent.typeName)) return { isOpen: true };
  if (scope !== "") return { isOpen: false, scope };
  throw new Error(
    `${method.parent.typeName}/${method.name} states neither a scope nor that it is open`,
  );
}
