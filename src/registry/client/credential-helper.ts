import { spawn } from "node:child_process";
import { once } from "node:events";

import { collect } from "../../base/bytes.ts";
import type { Context } from "../../base/context.ts";
import { InputError, messageOf } from "../../base/error.ts";
import { Secret } from "../../base/secret.ts";
import type { Credentials } from "./credentials.ts";

const LIMIT_BYTES = 1024 * 1024;
/** What helpers write, to their output, in place of a login that they do not have. */
const NOT_FOUND = /credentials not found|no credentials/i;

/**
 * Asks `docker-credential-NAME` for the login of a registry.
 * https://github.com/docker/docker-credential-helpers#development
 * @returns undefined when the helper does not have one. @throws {InputError} when it cannot be asked.
 */
export async function askCredentialHelper(
  ctx: Context,
  name: string,
  registry: string,
): Promise<Credentials | undefined> {
  const program = `docker-credential-${name}`;
  // From a file of the user: no path, only a program on PATH.
  if (!/^[\w.-]+$/.test(name)) throw unusable(program, registry, "its name is malformed");
  const { output, exitCode } = await run(ctx, program, registry);
  if (exitCode === 0) return parseLogin(output, () => unusable(program, registry, "it answered without a login"));
  if (NOT_FOUND.test(output)) return undefined;
  throw unusable(program, registry, `it exited with ${exitCode}`); // its output might hold a secret
}

async function run(ctx: Context, program: string, input: string): Promise<{ output: string; exitCode: number }> {
  ctx.signal.throwIfAborted();
  const helper = spawn(program, ["get"], { stdio: ["pipe", "pipe", "ignore"], signal: ctx.signal });
  try {
    const exited = once(helper, "close");
    helper.stdin.on("error", () => undefined); // it need not read what it is asked
    helper.stdin.end(input);
    const [output, [exitCode]] = await Promise.all([collect(helper.stdout, LIMIT_BYTES), exited]);
    return { output: output.toString("utf8"), exitCode: Number(exitCode ?? -1) };
  } catch (error) {
    helper.kill();
    ctx.signal.throwIfAborted();
    throw unusable(program, input, messageOf(error));
  }
}

function parseLogin(output: string, failure: () => InputError): Credentials {
  let document: unknown;
  try {
    document = JSON.parse(output);
  } catch {
    throw failure();
  }
  const { Username, Secret: secret }: Partial<Record<string, unknown>> = { ...Object(document) };
  if (typeof Username !== "string" || typeof secret !== "string" || secret === "") throw failure();
  if (Username === "<token>") return { kind: "identity-token", token: new Secret(secret) };
  return { kind: "password", username: Username, password: new Secret(secret) };
}

function unusable(program: string, registry: string, reason: string): InputError {
  return new InputError(`Cannot ask "${program}" for the login of "${registry}": ${reason}`, {
    hint: "Install the helper, or take it out of the file with the logins and log in again",
  });
}
