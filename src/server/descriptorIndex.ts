import type {
  DescEnum,
  DescExtension,
  DescFile,
  DescMessage,
  DescService,
} from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";

/** Which file declares what, in all files that a set of services needs. */
export interface DescriptorIndex {
  readonly files: ReadonlyMap<string, DescFile>;
  /** By full name: messages, fields, oneofs, enums and their values, extensions, services, methods. */
  readonly symbols: ReadonlyMap<string, DescFile>;
  /** By the full name of the extended message, then by number. */
  readonly extensions: ReadonlyMap<string, ReadonlyMap<number, DescFile>>;
}

export function indexDescriptors(roots: readonly DescFile[]): DescriptorIndex {
  const files = new Map(roots.flatMap(withImports).map((file) => [file.proto.name, file]));
  const symbols = new Map<string, DescFile>();
  const extensions = new Map<string, Map<number, DescFile>>();
  for (const file of files.values()) {
    for (const type of nestedTypes(file)) {
      for (const name of namesIn(type)) symbols.set(name, file);
      if (type.kind !== "extension") continue;
      const extendee = type.extendee.typeName;
      const numbers = extensions.get(extendee) ?? new Map();
      extensions.set(extendee, numbers.set(type.number, file));
    }
  }
  return { files, symbols, extensions };
}

/** `file`, and all that it imports, also through others. Each once, `file` first. */
export function withImports(file: DescFile): DescFile[] {
  const found = new Set([file]);
  // A set visits what is added while it is being visited.
  for (const { dependencies } of found) for (const imported of dependencies) found.add(imported);
  return [...found];
}

/** The names that `type` brings into being, its own first. */
function namesIn(type: DescMessage | DescEnum | DescExtension | DescService): string[] {
  const names = [type.typeName];
  const add = (scope: string, members: readonly { name: string }[]) =>
    names.push(...members.map(({ name }) => `${scope}.${name}`));
  if (type.kind === "message") add(type.typeName, [...type.fields, ...type.oneofs]);
  if (type.kind === "service") add(type.typeName, type.methods);
  // The values of an enum are named as its siblings.
  if (type.kind === "enum") add(type.parent?.typeName ?? type.file.proto.package, type.values);
  return names;
}
