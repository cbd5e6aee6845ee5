import { execFileSync } from "node:child_process";
import {
  createFileRegistry,
  type DescEnum,
  type DescEnumValue,
  type DescField,
  type DescFile,
  type DescMessage,
  type DescMethod,
  type DescOneof,
  type DescService,
  fromBinary,
} from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

export interface Protos {
  readonly files: readonly DescFile[];
  /** The comment above a declaration, one line per paragraph; "" if there is none. */
  readonly commentOf: (declared: Declared) => string;
}

type Declared =
  | DescService
  | DescMethod
  | DescMessage
  | DescField
  | DescOneof
  | DescEnum
  | DescEnumValue;

/** Our protos with their comments, which generated code has not. */
export function readProtos(): Protos {
  const image = execFileSync("buf", ["build", "--as-file-descriptor-set", "-o", "-"], {
    maxBuffer: 2 ** 27,
  });
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, image));
  const comments = new Map<DescFile, ReadonlyMap<string, string>>();
  return {
    files: [...registry.files].filter(({ name }) => name.startsWith("florin/")),
    commentOf(declared) {
      const file = fileOf(declared);
      const known = comments.get(file) ?? commentsIn(file);
      comments.set(file, known);
      return known.get(pathOf(declared).join()) ?? "";
    },
  };
}

function fileOf(declared: Declared): DescFile {
  return "file" in declared ? declared.file : declared.parent.file;
}

/** By the path of what they stand above, as descriptor.proto numbers it. */
function commentsIn({ proto }: DescFile): Map<string, string> {
  const locations = proto.sourceCodeInfo?.location ?? [];
  return new Map(
    locations.map(({ path, leadingComments }) => [path.join(), unwrapLines(leadingComments)]),
  );
}

/** Numbers of the fields that declarations lie in: messages, enums, services of a file; their fields, values, RPCs. */
function pathOf(declared: Declared): number[] {
  switch (declared.kind) {
    case "message":
      return [4, declared.file.messages.indexOf(declared)];
    case "enum":
      return [5, declared.file.enums.indexOf(declared)];
    case "service":
      return [6, declared.file.services.indexOf(declared)];
    case "rpc":
      return [...pathOf(declared.parent), 2, declared.parent.methods.indexOf(declared)];
    case "field":
      return [...pathOf(declared.parent), 2, declared.parent.fields.indexOf(declared)];
    case "oneof":
      return [...pathOf(declared.parent), 8, declared.parent.oneofs.indexOf(declared)];
    case "enum_value":
      return [...pathOf(declared.parent), 2, declared.parent.values.indexOf(declared)];
  }
}

const unwrapLines = (comment: string): string =>
  comment
    .trim()
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.replaceAll(/\s*\n\s*/g, " ").trim())
    .join("\n\n");
