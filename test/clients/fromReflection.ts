import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import { loadFileDescriptorSetFromBuffer, type PackageDefinition } from "@grpc/proto-loader";
import { fromProtoFile, grpcJsClient, plain } from "./grpcJsClient.js";

interface Answer {
  readonly fileDescriptorResponse?: { readonly fileDescriptorProto: readonly Buffer[] };
  readonly listServicesResponse?: { readonly service: readonly { readonly name: string }[] };
}

/** What the server at `url` tells by reflection: the names of its services, and the files that define `service`. */
export async function fromReflection(
  url: string,
  service: string,
): Promise<{ services: string[]; definition: PackageDefinition }> {
  const reflection = fromProtoFile("grpc/reflection/v1/reflection.proto");
  const client = grpcJsClient(reflection, "grpc.reflection.v1.ServerReflection", { url });
  const stream = client.open<object, Answer>("ServerReflectionInfo");
  const answers: AsyncIterator<Answer> = stream[Symbol.asyncIterator]();
  const ask = async (question: object): Promise<Answer> => {
    stream.write(question);
    return (await answers.next()).value;
  };

  const files = new Map<string, FileDescriptorProto>();
  const take = (answer: Answer) => {
    for (const bytes of answer.fileDescriptorResponse?.fileDescriptorProto ?? []) {
      const file = fromBinary(FileDescriptorProtoSchema, bytes);
      files.set(file.name, file);
    }
  };
  const listed = await ask({ listServices: "*" });
  take(await ask({ fileContainingSymbol: service }));
  // The map grows while it is walked: each file is asked for what it imports.
  for (const file of files.values()) {
    for (const name of file.dependency) {
      if (!files.has(name)) take(await ask({ fileByFilename: name }));
    }
  }
  stream.end();

  const set = create(FileDescriptorSetSchema, { file: [...files.values()] });
  const bytes = Buffer.from(toBinary(FileDescriptorSetSchema, set));
  return {
    services: (listed.listServicesResponse?.service ?? []).map(({ name }) => name),
    definition: loadFileDescriptorSetFromBuffer(bytes, plain),
  };
}
