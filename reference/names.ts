import type { DescEnum, DescFile, DescMessage } from "@bufbuild/protobuf";

type Named = DescMessage | DescEnum;

/** Names the schemas of types: as the type is named, behind the name of its service where two services share one. */
export function nameTypes(files: readonly DescFile[]): (type: Named) => string {
  const types = files.flatMap((file): Named[] => [...file.messages, ...file.enums]);
  return (type) => {
    const isShared = types.filter(({ name }) => name === type.name).length > 1;
    return isShared ? `${serviceOf(type.file)}${type.name}` : type.name;
  };
}

/** The service that `file` belongs to: "Ledger" for florin/ledger/v1/log. */
export function serviceOf(file: DescFile): string {
  const [, room = ""] = file.proto.package.split(".");
  return room.slice(0, 1).toUpperCase() + room.slice(1);
}
