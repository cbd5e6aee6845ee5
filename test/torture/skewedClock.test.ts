import { fork } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";

const PRELOAD = new URL("../../torture/skewedClock.mjs", import.meta.url).pathname;

/** Tells its time when it is asked to. */
const PROGRAM = `
  process.channel.ref();
  process.on("message", () => process.send([Date.now(), new Date().getTime(), new Date(7).getTime(), new Date() instanceof Date]));
  process.send("ready")`;

const MINUTE = 60_000;

test("a process's clock is as wrong as it is told to be, and right again", async () => {
  const child = fork("-", { execArgv: ["--import", PRELOAD, "--eval", PROGRAM] });
  onTestFinished(() => void child.kill());
  await once(child, "message");
  for (const skewMs of [60 * MINUTE, -60 * MINUTE, 0]) {
    child.send({ skewMs });
    const [times] = await once(child, "message");
    const [now, made, given, isDate] = times;
    for (const time of [now, made]) {
      expect(Math.abs(time - Date.now() - skewMs)).toBeLessThan(MINUTE);
    }
    expect([given, isDate]).toEqual([7, true]);
  }
});
