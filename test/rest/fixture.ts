import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createFileRegistry,
  type DescMessage,
  type DescService,
  fromBinary,
} from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

/** Descriptors of `proto/florin/resttest`, compiled when this is imported. */
const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, compile()));

function compile(): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), "florin-resttest-"));
  const root = new URL("../../", import.meta.url).pathname;
  cpSync(join(root, "proto"), join(folder, "proto"), { recursive: true });
  cpSync(join(root, "test/rest/proto"), join(folder, "proto"), { recursive: true });
  writeFileSync(join(folder, "buf.yaml"), "version: v2\nmodules: [{ path: proto }]\n");
  const image = join(folder, "image.binpb");
  execFileSync(join(root, "node_modules/.bin/buf"), ["build", folder, "-o", image]);
  const bytes = readFileSync(image);
  rmSync(folder, { recursive: true });
  return bytes;
}

const PACKAGE = "florin.resttest.v1";

export function fixtureMessage(name: string): DescMessage {
  const desc = registry.getMessage(`${PACKAGE}.${name}`);
  if (desc === undefined) throw new Error(`no message ${name}`);
  return desc;
}

export const fixtureService: DescService = (() => {
  const desc = registry.getService(`${PACKAGE}.RestTestService`);
  if (desc === undefined) throw new Error("no service");
  return desc;
})();
