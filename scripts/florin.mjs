// `npm run florin -- <command>`: the command line, built if need be. Says nothing of its own on stdout.
import { prepare } from "./prepare.mjs";

prepare();
await import("../dist/cli.js");
