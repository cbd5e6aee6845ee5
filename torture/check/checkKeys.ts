import { type Attribution, isAcknowledged, type Request } from "./attribute.js";
import type { StoredLedger } from "./state.js";
import { type Violation, violation } from "./violation.js";

/** Under one key one write happened, and the key stands for its logs. */
export function* checkKeys(ledger: StoredLedger, { requests }: Attribution): Iterable<Violation> {
  const { name } = ledger;
  const stored = new Map(ledger.keys.map((each) => [each.key, each]));
  for (const [key, sharing] of byKey(requests)) {
    const done = sharing.filter(({ logs }) => logs.length > 0);
    const acknowledged = sharing.filter(({ attempts }) => attempts.some(isAcknowledged));
    if (done.length > 1 || acknowledged.length > 1) {
      const attempts = sharing.flatMap((each) => each.attempts);
      yield violation("idempotency key", `${name}: ${key} was taken for two writes`, attempts);
    }
    const row = stored.get(key);
    stored.delete(key);
    const [request] = done;
    const first = ledger.logs[request?.logs[0] ?? -1]?.id;
    const last = ledger.logs[request?.logs.at(-1) ?? -1]?.id;
    if (row?.first === first && row?.last === last) continue;
    const attempts = request?.attempts ?? sharing.flatMap((each) => each.attempts);
    yield violation("idempotency key", `${name}: ${key} stands for the wrong logs`, attempts);
  }
  for (const key of stored.keys()) {
    yield violation("idempotency key", `${name}: nobody sent ${key}`);
  }
}

function byKey(requests: readonly Request[]): Map<string, Request[]> {
  const keys = new Map<string, Request[]>();
  for (const request of requests) {
    const { idempotencyKey: key } = request.attempts[0].what;
    if (key === undefined) continue;
    const sharing = keys.get(key);
    if (sharing) sharing.push(request);
    else keys.set(key, [request]);
  }
  return keys;
}
