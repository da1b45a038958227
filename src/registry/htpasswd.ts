import { hash } from "bcryptjs";

/** bcrypt's cost: about 80 ms of one core, for a password that is random anyway. */
const ROUNDS = 10;

/** A line of an htpasswd file as the distribution registry reads it. */
export async function htpasswdLine(username: string, password: string): Promise<string> {
  return `${username}:${await hash(password, ROUNDS)}\n`;
}
