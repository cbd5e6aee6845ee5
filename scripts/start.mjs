// `npm start`, from a fresh clone on: installs, builds, serves. In this process, so that signals reach the server.
import { prepare } from "./prepare.mjs";

prepare();
await import("../dist/main.js");
