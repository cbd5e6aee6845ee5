// The process that makes the load: it shares the machine with the server, but neither its heap nor its event loop.
import { type Order, run } from "./job.js";

process.on("message", async (order: Order) => {
  process.send?.(await run(order));
});
