import { type DestinationStream, type Logger, pino } from "pino";
import type { Config } from "./config.js";

/** Logs go to stderr: stdout is for what was asked for. */
export const createLogger = ({ logLevel }: Config): Logger =>
  pino({ level: logLevel }, pino.destination(2) as DestinationStream);
