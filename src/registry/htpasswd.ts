import { genSaltSync, hash, hashSync } from "bcryptjs";

/** bcrypt's cost: about 80 ms of one core, for a password that is random anyway. */
const ROUNDS = 10;

/** A line of an htpasswd file as the distribution registry reads it. */
export async function htpasswdLine(username: string, password: string): Promise<string> {
  return `${username}:${await hash(password, ROUNDS)}\n`;
}

/** The password's hash in the form and at the cost that template functions give it. */
export function bcryptHash(password: string): string {
  return hashSync(password, genSaltSync(ROUNDS).replace(/^\$2b\$/, "$2a$"));
}
