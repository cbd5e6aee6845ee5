import { randomUUID } from "node:crypto";
import type { Db } from "../../db/database.js";

/** A person who has logged in through the upstream issuer. */
export interface User {
  readonly id: string;
  /** The upstream issuer's id of the person. */
  readonly subject: string;
  /** As of the last login; "" if the issuer did not tell. */
  readonly email: string;
  readonly isEmailVerified: boolean;
}

export interface Login extends Omit<User, "id"> {
  readonly issuer: string;
}

const COLUMNS = ["id", "subject", "email", { isEmailVerified: "email_verified" }];

/** All, oldest first. */
export const listUsers = (db: Db): Promise<User[]> =>
  db("users").orderBy(["created_at", "id"]).select(COLUMNS);

/** Null if there is no user of this id. */
export const findUser = async (db: Db, id: string): Promise<User | null> =>
  (await db("users").where({ id }).first(COLUMNS)) ?? null;

/** The id of who logs in: a new user at the first login; later ones bring the e-mail address up to date. */
export async function putLogin(db: Db, login: Login): Promise<string> {
  const { issuer, subject, email, isEmailVerified: email_verified } = login;
  const [user] = await db("users")
    .insert({ id: randomUUID(), issuer, subject, email, email_verified })
    .onConflict(["issuer", "subject"])
    .merge({ email, email_verified, last_login_at: db.fn.now() })
    .returning("id");
  return user.id;
}
