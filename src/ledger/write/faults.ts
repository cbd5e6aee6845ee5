import { sqlState } from "../../db/transaction.js";

/** Thrown by mistakes in code and by data that makes no sense, never by a database or a socket. */
export const isMistake = (error: unknown): error is Error =>
  error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError;

/** Connection failures, and a server that goes away. */
const BROKEN = /^(08|57P)/;

/** Those, lost races, lack of resources or locks, and a standby that has not been promoted yet. */
const PASSING = /^(08|25|40|53|55|57P)/;

/** Whether `error` means that the connection is gone, and its last answers with it. */
export const isBroken = (error: unknown): boolean =>
  !isMistake(error) && BROKEN.test(sqlState(error) ?? "08");

/** Whether a lock could not be had in time. */
export const isHeld = (error: unknown): boolean => sqlState(error) === "55P03";

/** Whether the same work may succeed a little later. Any other error belongs to the work itself. */
export const isPassing = (error: unknown): boolean =>
  !isMistake(error) && PASSING.test(sqlState(error) ?? "08");
