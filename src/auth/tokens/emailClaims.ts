import type { Db } from "../../db/database.js";
import { findUser } from "../store/users.js";

/** What the scope `email` tells of a person: nothing of whom there is no address, of machines, and without the scope. */
export async function emailClaims(db: Db, subject: string, scopes: Iterable<string>) {
  if (![...scopes].includes("email")) return {};
  const user = await findUser(db, subject);
  return user?.email ? { email: user.email, email_verified: user.isEmailVerified } : {};
}
