import type { Command } from "./command.js";
import type { Entry } from "./log.js";
import { mappingJson } from "./mapping.js";
import type { OutboxEvent } from "./outbox.js";
import type { State } from "./state.js";

/** The events of `command`, whose `entries` are the logs of `state` from `firstLog` on. */
export function eventsOf(
  command: Command,
  entries: readonly Entry[],
  firstLog: bigint,
  state: State,
): readonly OutboxEvent[] {
  switch (command.kind) {
    case "create-transactions":
      return [["C", firstLog, firstLog + BigInt(entries.length) - 1n]];
    case "run-script":
      return entries.map((_, index) =>
        index === 0 ? ["C", firstLog, firstLog] : ["M", firstLog + BigInt(index)],
      );
    case "set-metadata":
      return [["M", firstLog]];
    case "revert-transaction": {
      const metadata = state.transactions.get(command.txid)?.metadata ?? {};
      return [
        ["C", firstLog, firstLog],
        ["R", firstLog + 1n, command.txid, metadata],
      ];
    }
    case "update-mapping":
      return [["U", mappingJson(command.mapping)]];
  }
}
