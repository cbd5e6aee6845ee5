import type * as pb from "../../gen/florin/ledger/v1/info_pb.js";
import type { Result } from "../lib/result.js";
import { fromInstant } from "./convert.js";
import { type Mapping, type MappingFault, parseMapping } from "./domain/mapping.js";
import type { MappingInForce } from "./getMapping.js";

/** Without one there are no contracts. */
export const toMapping = (sent: pb.Mapping | undefined): Result<Mapping, MappingFault> =>
  parseMapping(sent?.contracts ?? []);

export const fromMapping = ({ contracts }: Mapping) => ({
  contracts: contracts.map(({ name, account, expr }) => ({ name, account, expr })),
});

export const fromMappingInForce = ({ mapping, actor, date }: MappingInForce) => ({
  data: fromMapping(mapping),
  actor: actor ?? "",
  ...(date !== null && { updateTime: fromInstant(date) }),
});
