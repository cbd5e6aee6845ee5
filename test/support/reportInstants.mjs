import { failpoints } from "../../dist/lib/failpoint.js";

// Loaded into a server before its own modules, by `instants`.
const url = process.env["INSTANTS_URL"];
failpoints.reached = async (instant, ledger) => {
  await fetch(`${url}/${instant}/${ledger}`);
};
