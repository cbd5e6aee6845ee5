import { type DescFile, type DescService, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { Code, type ServiceImpl } from "@connectrpc/connect";
import type * as v1 from "../../gen/grpc/reflection/v1/reflection_pb.js";
import type * as v1alpha from "../../gen/grpc/reflection/v1alpha/reflection_pb.js";
import { indexDescriptors, withImports } from "./descriptorIndex.js";

export interface Reflection {
  readonly v1: ServiceImpl<typeof v1.ServerReflection>;
  /** The same under its older name, which many tools still ask for first. */
  readonly v1alpha: ServiceImpl<typeof v1alpha.ServerReflection>;
}

type Request = v1.ServerReflectionRequest | v1alpha.ServerReflectionRequest;

/**
 * Server reflection: tools learn `services`, and what they are made of, from the server itself. `others` are files that
 * no service imports but answers may hold, such as the details of errors.
 */
export function createReflection(
  services: readonly DescService[],
  others: readonly DescFile[],
): Reflection {
  const index = indexDescriptors([...services.map(({ file }) => file), ...others]);

  async function* serverReflectionInfo<R extends Request>(requests: AsyncIterable<R>) {
    for await (const request of requests) {
      const { host, messageRequest } = request;
      yield { validHost: host, originalRequest: request, messageResponse: answer(messageRequest) };
    }
  }

  function answer(question: Request["messageRequest"]) {
    switch (question.case) {
      case "fileByFilename":
        return fileAnswer(index.files.get(question.value), question.value);
      case "fileContainingSymbol":
        return fileAnswer(index.symbols.get(question.value), question.value);
      case "fileContainingExtension": {
        const { containingType, extensionNumber } = question.value;
        const file = index.extensions.get(containingType)?.get(extensionNumber);
        return fileAnswer(file, `extension ${extensionNumber} of ${containingType}`);
      }
      case "allExtensionNumbersOfType":
        return extensionsAnswer(question.value);
      case "listServices": {
        const service = services.map(({ typeName }) => ({ name: typeName }));
        return { case: "listServicesResponse", value: { service } } as const;
      }
      case undefined:
        return errorAnswer(Code.InvalidArgument, "the request asks nothing");
    }
  }

  function extensionsAnswer(baseTypeName: string) {
    if (!index.symbols.has(baseTypeName)) return errorAnswer(Code.NotFound, baseTypeName);
    const extensionNumber = [...(index.extensions.get(baseTypeName)?.keys() ?? [])];
    return {
      case: "allExtensionNumbersResponse",
      value: { baseTypeName, extensionNumber },
    } as const;
  }

  return { v1: { serverReflectionInfo }, v1alpha: { serverReflectionInfo } };
}

/** The file with all that it imports, so that the tool need not ask again. */
function fileAnswer(file: DescFile | undefined, name: string) {
  if (file === undefined) return errorAnswer(Code.NotFound, name);
  const fileDescriptorProto = withImports(file).map(serialize);
  return { case: "fileDescriptorResponse", value: { fileDescriptorProto } } as const;
}

/** Custom options survive: protobuf-es keeps them as unknown fields. */
const serialize = ({ proto }: DescFile) => toBinary(FileDescriptorProtoSchema, proto);

/** An error is an answer like any other: the stream goes on. */
const errorAnswer = (errorCode: Code, errorMessage: string) =>
  ({ case: "errorResponse", value: { errorCode, errorMessage } }) as const;
