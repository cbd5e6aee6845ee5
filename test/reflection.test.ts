import {
  create,
  createFileRegistry,
  fromBinary,
  getOption,
  type MessageInitShape,
  toBinary,
} from "@bufbuild/protobuf";
import {
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { Client, credentials } from "@grpc/grpc-js";
import { expect, onTestFinished, test } from "vitest";
import { LedgerService } from "../gen/florin/ledger/v1/ledger_pb.js";
import { field as fieldOption, method as methodOption } from "../gen/florin/rest/v1/options_pb.js";
import { http } from "../gen/google/api/annotations_pb.js";
import { file_google_rpc_error_details } from "../gen/google/rpc/error_details_pb.js";
import {
  ServerReflection,
  ServerReflectionRequestSchema,
  ServerReflectionResponseSchema,
} from "../gen/grpc/reflection/v1/reflection_pb.js";
import { ServerReflection as ServerReflectionAlpha } from "../gen/grpc/reflection/v1alpha/reflection_pb.js";
import { createReflection } from "../src/server/reflection.js";
import { startListener } from "./support/listener.js";

type Question = MessageInitShape<typeof ServerReflectionRequestSchema>["messageRequest"];

/** Asks all questions on one stream of @grpc/grpc-js, a client that knows nothing of us. */
async function ask(version: "v1" | "v1alpha", ...questions: NonNullable<Question>[]) {
  const services = [LedgerService, ServerReflection, ServerReflectionAlpha];
  const reflection = createReflection(services, [file_google_rpc_error_details]);
  const handler = connectNodeAdapter({
    routes: (router) =>
      router
        .service(ServerReflection, reflection.v1)
        .service(ServerReflectionAlpha, reflection.v1alpha),
  });
  const { port } = await startListener({ handler });
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  onTestFinished(() => client.close());
  const stream = client.makeBidiStreamRequest(
    `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
    (question: NonNullable<Question>) => {
      const request = create(ServerReflectionRequestSchema, {
        host: "here",
        messageRequest: question,
      });
      return Buffer.from(toBinary(ServerReflectionRequestSchema, request));
    },
    (bytes) => fromBinary(ServerReflectionResponseSchema, bytes),
  );
  for (const question of questions) stream.write(question);
  stream.end();
  const responses = await stream.toArray();
  for (const [index, question] of questions.entries()) {
    expect(responses[index]).toMatchObject({
      validHost: "here",
      originalRequest: { messageRequest: question },
    });
  }
  return responses.map(({ messageResponse }) => messageResponse);
}

function filesOf(
  response: Awaited<ReturnType<typeof ask>>[number] | undefined,
): FileDescriptorProto[] {
  if (response?.case !== "fileDescriptorResponse")
    throw new Error(`no files, but ${response?.case}`);
  return response.value.fileDescriptorProto.map((it: Uint8Array) =>
    fromBinary(FileDescriptorProtoSchema, it),
  );
}

test("services are listed, under both names of the protocol", async () => {
  for (const version of ["v1", "v1alpha"] as const) {
    const [listed] = await ask(version, { case: "listServices", value: "" });
    expect(listed).toMatchObject({
      case: "listServicesResponse",
      value: {
        service: [
          { name: "florin.ledger.v1.LedgerService" },
          { name: "grpc.reflection.v1.ServerReflection" },
          { name: "grpc.reflection.v1alpha.ServerReflection" },
        ],
      },
    });
  }
});

test("a file comes with all that it imports, options included", async () => {
  const [found] = await ask("v1", {
    case: "fileContainingSymbol",
    value: "florin.ledger.v1.LedgerService",
  });
  const files = filesOf(found);
  expect(files[0]?.name).toBe("florin/ledger/v1/ledger.proto");
  const registry = createFileRegistry(
    create(FileDescriptorSetSchema, { file: [...files].reverse() }),
  );
  for (const { localName } of LedgerService.methods) {
    const received = registry.getService("florin.ledger.v1.LedgerService")?.method[localName];
    const known = LedgerService.methods.find((it) => it.localName === localName);
    if (received === undefined || known === undefined) throw new Error(`${localName} is missing`);
    expect(getOption(received, http)).toEqual(getOption(known, http));
    expect(getOption(received, methodOption)).toEqual(getOption(known, methodOption));
  }
  const request = registry.getMessage("florin.ledger.v1.CreateTransactionRequest");
  const key = request?.field["idempotencyKey"];
  expect(key && getOption(key, fieldOption).header).toBe("Idempotency-Key");
});

test("whatever has a full name is found", async () => {
  const symbols = {
    "florin.ledger.v1.LedgerService.GetAccount": "florin/ledger/v1/ledger.proto",
    "florin.ledger.v1.Posting.amount": "florin/ledger/v1/transaction.proto",
    "florin.rest.v1.Empty": "florin/rest/v1/options.proto",
    "florin.rest.v1.EMPTY_ZERO": "florin/rest/v1/options.proto",
    "florin.rest.v1.field": "florin/rest/v1/options.proto",
    "google.api.HttpRule.pattern": "google/api/http.proto",
    "google.protobuf.Struct.fields": "google/protobuf/struct.proto",
    "google.rpc.ErrorInfo": "google/rpc/error_details.proto",
  };
  const questions = Object.keys(symbols).map(
    (value) => ({ case: "fileContainingSymbol", value }) as const,
  );
  const answers = await ask("v1", ...questions);
  expect(answers.map((it) => filesOf(it)[0]?.name)).toEqual(Object.values(symbols));
});

test("files and extensions are found", async () => {
  const fieldOptions = "google.protobuf.FieldOptions";
  const [file, extension, numbers, none] = await ask(
    "v1",
    { case: "fileByFilename", value: "google/api/annotations.proto" },
    {
      case: "fileContainingExtension",
      value: { containingType: fieldOptions, extensionNumber: 50100 },
    },
    { case: "allExtensionNumbersOfType", value: "google.protobuf.MethodOptions" },
    { case: "allExtensionNumbersOfType", value: "florin.ledger.v1.Posting" },
  );
  expect(filesOf(file).map(({ name }) => name)).toEqual([
    "google/api/annotations.proto",
    "google/api/http.proto",
    "google/protobuf/descriptor.proto",
  ]);
  expect(filesOf(extension)[0]?.name).toBe("florin/rest/v1/options.proto");
  expect(numbers?.value).toMatchObject({
    baseTypeName: "google.protobuf.MethodOptions",
    extensionNumber: expect.arrayContaining([50100, 72295728]),
  });
  expect(none?.value).toMatchObject({ extensionNumber: [] });
});

test("what is unknown is an answer, and the stream goes on", async () => {
  const answers = await ask(
    "v1",
    { case: "fileByFilename", value: "nowhere.proto" },
    { case: "fileContainingSymbol", value: "florin.Nothing" },
    {
      case: "fileContainingExtension",
      value: { containingType: "florin.Nothing", extensionNumber: 1 },
    },
    { case: "allExtensionNumbersOfType", value: "florin.Nothing" },
    { case: undefined },
    { case: "listServices", value: "" },
  );
  const notFound = { case: "errorResponse", value: { errorCode: Code.NotFound } };
  expect(answers.slice(0, 4)).toMatchObject([notFound, notFound, notFound, notFound]);
  expect(answers[4]).toMatchObject({ value: { errorCode: Code.InvalidArgument } });
  expect(answers[5]?.case).toBe("listServicesResponse");
});
