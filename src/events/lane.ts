/** Ledgers that wait for their turn at one sink, several at a time. */
export interface Lane {
  /** Sees to it that `ledger` has a turn that begins after now. */
  offer(ledger: string): void;
  /** Gives no more turns; resolves when those under way are over. */
  close(): Promise<void>;
}

/** `turn` answers whether the ledger wants another one. It must not throw. */
export function createLane(turn: (ledger: string) => Promise<boolean>, width: number): Lane {
  const waiting = new Set<string>();
  const active = new Map<string, Promise<void>>();
  let isClosed = false;

  function fill(): void {
    for (const ledger of waiting) {
      if (isClosed || active.size >= width) return;
      if (active.has(ledger)) continue;
      waiting.delete(ledger);
      active.set(ledger, take(ledger));
    }
  }

  async function take(ledger: string): Promise<void> {
    const wantsMore = await turn(ledger);
    active.delete(ledger);
    if (wantsMore) waiting.add(ledger);
    fill();
  }

  return {
    offer(ledger) {
      waiting.add(ledger);
      fill();
    },
    async close() {
      isClosed = true;
      await Promise.all(active.values());
    },
  };
}
