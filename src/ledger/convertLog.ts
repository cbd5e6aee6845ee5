import type { MessageInitShape } from "@bufbuild/protobuf";
import { type LogSchema, LogType, TargetType } from "../../gen/florin/ledger/v1/log_pb.js";
import { fromInstant, fromMetadata, fromPosting } from "./convert.js";
import type { Entry, Log, Target } from "./domain/log.js";

export const fromLog = ({ id, entry, hash, actor }: Log): MessageInitShape<typeof LogSchema> => ({
  id,
  type: LogType[entry.type],
  data: { data: fromEntry(entry) },
  hash,
  date: fromInstant(entry.date),
  actor: actor ?? "",
});

function fromEntry(entry: Entry) {
  if (entry.type === "SET_METADATA") {
    const metadata = fromMetadata(entry.metadata);
    return { case: "setMetadata", value: { ...fromTarget(entry.target), metadata } } as const;
  }
  const { postings, reference, metadata, timestamp, txid } = entry.transaction;
  const value = {
    postings: postings.map(fromPosting),
    reference: reference ?? "",
    metadata: fromMetadata(metadata),
    timestamp: fromInstant(timestamp),
    txid,
  };
  return { case: "newTransaction", value } as const;
}

const fromTarget = (target: Target) =>
  "account" in target
    ? {
        targetType: TargetType.ACCOUNT,
        targetId: { id: { case: "address", value: target.account } as const },
      }
    : {
        targetType: TargetType.TRANSACTION,
        targetId: { id: { case: "txid", value: target.txid } as const },
      };
