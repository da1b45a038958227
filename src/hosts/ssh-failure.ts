import { printable } from "../base/text.ts";
import { quoteWord } from "./command.ts";
import { ConnectionError } from "./errors.ts";
import { knownHostsName, readFingerprint } from "./known-hosts.ts";
import { nameOf, type SshLogin } from "./ssh-login.ts";

/** What became of a login, read from what `ssh` wrote. */
export type LoginFailure =
  | {
      readonly kind: "changed-host-key";
      readonly sent: string | undefined;
      /** Where the key that was expected is recorded. */
      readonly recorded: { readonly file: string; readonly line: number } | undefined;
    }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "unreachable"; readonly reason: string };

const REFUSALS =
  /permission denied|too many authentication failures|no more authentication methods|unprotected private key|incorrect passphrase|no supported authentication/i;

export function parseLoginFailure(stderr: string): LoginFailure {
  if (/host identification has changed|host key verification failed/i.test(stderr)) {
    const [, file, line] = /^Offending .*? ?key in (.+):(\d+)$/im.exec(stderr) ?? [];
    return {
      kind: "changed-host-key",
      sent: /(SHA256:[A-Za-z0-9+/]+)/.exec(stderr)?.[1],
      recorded: file === undefined ? undefined : { file, line: Number(line) },
    };
  }
  const reason = findReason(stderr) ?? "ssh ended without a message";
  return REFUSALS.test(stderr) ? { kind: "refused", reason } : { kind: "unreachable", reason };
}

const RECORDED_KEY = /^warning: permanently added/i;
/** What `ssh` adds when it cannot log in anew; worth showing only where there is nothing else. */
const CLOSED = /^(kex_exchange_identification: |connection closed by unknown)/i;

/** The last line that says something. */
export function findReason(stderr: string): string | undefined {
  const lines = stderr.split("\n").map((line) => line.trim());
  const told = lines.filter((line) => line !== "" && !RECORDED_KEY.test(line));
  const line = told.findLast((text) => !CLOSED.test(text)) ?? told.at(-1);
  return line === undefined ? undefined : printable(line);
}

export async function toConnectionError(login: SshLogin, failure: LoginFailure): Promise<ConnectionError> {
  if (failure.kind === "changed-host-key") return await changedHostKey(login, failure);
  if (failure.kind === "refused") {
    return new ConnectionError("SSH_AUTH", `Cannot log in to "${nameOf(login)}": ${failure.reason}`, {
      hint: login.password ? "Check the user and the password" : "Check the user and the key, or give a password",
    });
  }
  return new ConnectionError("SSH_UNREACHABLE", `Cannot reach "${nameOf(login)}": ${failure.reason}`, {
    hint: "Check the address and the port, and that sshd runs there",
  });
}

async function changedHostKey(
  login: SshLogin,
  { sent, recorded }: Extract<LoginFailure, { kind: "changed-host-key" }>,
): Promise<ConnectionError> {
  const known = recorded && (await readFingerprint(recorded.file, recorded.line));
  const facts = `it sent the host key ${sent ?? "(unknown)"}, expected ${known ?? "another one"}`;
  const place = recorded ? ` from ${recorded.file}:${recorded.line}` : "";
  const remedy = `ssh-keygen -R ${quoteWord(knownHostsName(login.address, login.port))}`;
  return new ConnectionError("SSH_HOST_KEY", `Cannot trust "${nameOf(login)}": ${facts}${place}`, {
    hint: `If the host was installed anew, remove its old key: ${remedy}${recorded ? ` -f ${quoteWord(recorded.file)}` : ""}`,
  });
}
