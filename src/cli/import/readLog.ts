import { create } from "@bufbuild/protobuf";
import {
  type Log,
  LogSchema,
  LogType,
  type NewTransactionLog,
  NewTransactionLogSchema,
  SetMetadataLogSchema,
  TargetType,
} from "../../../gen/florin/ledger/v1/log_pb.js";
import type { Json } from "../../lib/parseJson.js";
import { messageDecoder } from "../../server/rest/messageDecoder.js";
import { decodeStruct, decodeTimestamp } from "../../server/rest/wellKnown.js";

const decodeTransaction = messageDecoder(NewTransactionLogSchema);

/** A log as the published API shows it. Throws where it is none. */
export function readLog(json: Json): Log {
  const type = at(json, "type");
  const parts = {
    id: toInteger(at(json, "id")),
    hash: String(at(json, "hash")),
    date: decodeTimestamp(at(json, "date")),
  };
  if (type === "NEW_TRANSACTION") {
    const value = decodeTransaction(at(json, "data")) as NewTransactionLog;
    const data = { data: { case: "newTransaction", value } } as const;
    return create(LogSchema, { ...parts, type: LogType.NEW_TRANSACTION, data });
  }
  if (type !== "SET_METADATA") throw new Error(`it is of the unknown type ${JSON.stringify(type)}`);
  const data = { data: { case: "setMetadata", value: readMetadata(at(json, "data")) } } as const;
  return create(LogSchema, { ...parts, type: LogType.SET_METADATA, data });
}

function readMetadata(json: Json) {
  const [type, id, metadata] = ["targetType", "targetId", "metadata"].map((key) => at(json, key));
  const isAccount = type === "ACCOUNT";
  return create(SetMetadataLogSchema, {
    targetType: isAccount ? TargetType.ACCOUNT : TargetType.TRANSACTION,
    targetId: {
      id: isAccount
        ? { case: "address", value: String(id) }
        : { case: "txid", value: toInteger(id ?? null) },
    },
    metadata: decodeStruct(metadata ?? new Map()),
  });
}

const at = (json: Json, key: string): Json =>
  json instanceof Map ? (json.get(key) ?? null) : null;

function toInteger(json: Json): bigint {
  if (
    typeof json !== "object" ||
    json === null ||
    !("token" in json) ||
    !/^\d+$/.test(json.token)
  ) {
    throw new Error("an id in it is no whole number");
  }
  return BigInt(json.token);
}
