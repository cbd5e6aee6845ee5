import { moveText, type StoredLedger, type StoredLog } from "./state.js";
import { type Violation, violation } from "./violation.js";

/** By accounts, transactions are found by their moves. Those follow from the postings. */
export function* checkMoves({ name, logs, moves }: StoredLedger): Iterable<Violation> {
  const expected = movesOf(logs);
  for (const move of expected) {
    if (!moves.has(move)) yield violation("stored moves", `${name}: missing is ${move}`);
  }
  for (const move of moves) {
    if (!expected.has(move)) yield violation("stored moves", `${name}: there is ${move}`);
  }
}

/** The moves that `logs` come to. */
export function movesOf(logs: readonly StoredLog[]): Set<string> {
  const moves = new Set<string>();
  for (const log of logs) {
    if (log.type !== "transaction") continue;
    const sources = new Set(log.postings.map(({ source }) => source));
    const destinations = new Set(log.postings.map(({ destination }) => destination));
    for (const account of new Set([...sources, ...destinations])) {
      const [isSource, isDestination] = [sources.has(account), destinations.has(account)];
      moves.add(moveText({ txid: log.txid, account, isSource, isDestination }));
    }
  }
  return moves;
}
