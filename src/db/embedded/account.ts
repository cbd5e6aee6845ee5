import { execFile } from "node:child_process";
import { stat } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Who runs PostgreSQL. Spread into spawn's options. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** Who stands in for root: the user that PostgreSQL packages create, else the one who owns nothing. */
const STAND_INS = ["postgres", "nobody"];

/** The account that runs the database in `home`: null for our own, unless that is root's. */
export async function serverAccount(home: string): Promise<Account | null> {
  const self = process.getuid?.();
  const owner = await stat(home).catch(() => null);
  if (self !== 0) {
    if (owner === null || owner.uid === self) return null;
    throw new Error(
      `${home} belongs to user ${owner.uid}: start Florin as the user who started it first, or as root.`,
    );
  }
  if (owner !== null && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  for (const name of STAND_INS) {
    const uid = await id("-u", name);
    const gid = await id("-g", name);
    if (uid !== null && gid !== null) return { uid, gid };
  }
  throw new Error(
    `PostgreSQL refuses to run as root, and there is no user ${STAND_INS.join(" or ")} to run it as: start Florin as an ordinary user, or set DATABASE_URL.`,
  );
}

async function id(flag: string, name: string): Promise<number | null> {
  const answer = await run("id", [flag, name]).catch(() => null);
  return answer === null ? null : Number(answer.stdout);
}

/** Whether `account` gets through every folder above `folder`, and into it. */
export const canEnter = (folder: string, account: Account): Promise<boolean> =>
  run("/bin/sh", ["-c", 'cd "$0"', folder], { ...account, cwd: "/" }).then(
    () => true,
    () => false,
  );
