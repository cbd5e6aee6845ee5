import { randomInt } from "node:crypto";

/** A seed that every run has, and a fresh one. A test has it in its name, so that a run that failed can be had again. */
export const SEEDS = [20230710, randomInt(2 ** 31)];
