import { pino } from "pino";
import { startEmbedded } from "../../dist/db/embedded/startEmbedded.js";

// A process of its own that uses the embedded database of a folder, until it is told to stop or is killed.
const [, , dataDir = ""] = process.argv;
const { url, stop } = await startEmbedded({ dataDir, logger: pino({ level: "silent" }) });
process.once("SIGTERM", () => stop().then(() => process.exit()));
setInterval(() => {}, 60_000);
console.log(url);
