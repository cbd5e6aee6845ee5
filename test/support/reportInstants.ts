import { failpoints, type Instant } from "../../src/lib/failpoint.js";

// Loaded into a server before its own modules, by `instants`.
const url = process.env["INSTANTS_URL"];
Object.assign(failpoints, {
  async reached(instant: Instant, ledger: string) {
    await fetch(`${url}/${instant}/${ledger}`);
  },
} satisfies typeof failpoints);
