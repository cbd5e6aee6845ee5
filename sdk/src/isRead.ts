import { type DescMethod, getOption } from "@bufbuild/protobuf";
import { http } from "../../gen/google/api/annotations_pb.js";

/** Whether `method` changes nothing: in REST it is a GET or a HEAD. */
export function isRead(method: DescMethod): boolean {
  const { pattern } = getOption(method, http);
  return pattern.case === "get" || (pattern.case === "custom" && pattern.value.kind === "HEAD");
}
