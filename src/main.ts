import { serve } from "./serve.js";

// What keeps it from starting is said in plain words.
await serve().catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
