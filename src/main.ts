import { setFlagsFromString } from "node:v8";
import { serve } from "./serve.js";

// Batches outlive collections of young objects; code that makes them is also run for single calls. Made in the old generation,
// those would keep alive what they refer to.
setFlagsFromString("--no-allocation-site-pretenuring");

// What keeps it from starting is said in plain words.
await serve().catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
