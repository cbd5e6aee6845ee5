// The process that makes the load: it shares the machine with the server, but neither its heap nor its event loop.
import { type Job, type OpenJob, type Order, run, runOpen } from "./job.js";

process.on("message", async (order: Order<Job | OpenJob>) => {
  process.send?.(await (isOpen(order) ? runOpen(order) : run(order as Order)));
});

const isOpen = (order: Order<Job | OpenJob>): order is Order<OpenJob> =>
  order.job.kind.startsWith("open ");
