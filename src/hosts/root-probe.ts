import { quoteWord } from "./command.ts";
import type { Secret } from "../base/secret.ts";
import { printable } from "../base/text.ts";

/** How a login may become root. */
export type Standing =
  | { readonly kind: "root" }
  | { readonly kind: "sudo" }
  | { readonly kind: "refused"; readonly reason: string };

/**
 * A shell text that prints a {@link Standing} as one line. sudo's reason is part of the line: over SSH, standard error
 * is a stream of its own that may arrive later.
 */
export function renderRootProbe(password: Secret | undefined): string {
  const sudo = password
    ? `printf '%s\\n' ${quoteWord(password.reveal())} | LC_ALL=C sudo -k -S -p '' sh -c :`
    : "LC_ALL=C sudo -k -n sh -c :";
  return `if [ "$(id -u)" = 0 ]; then echo sealos-login:root
elif reason=$(${sudo} 2>&1 >/dev/null); then echo sealos-login:sudo
else printf 'sealos-login:refused:%s\\n' "$(printf %s "$reason" | tail -n 1)"
fi`;
}

/** Login scripts may print lines of their own around it. */
export function findStanding(line: string): Standing | undefined {
  const [, kind, reason] = /^sealos-login:(root|sudo|refused)(?::(.*))?$/.exec(line) ?? [];
  if (kind === "root" || kind === "sudo") return { kind };
  if (kind === "refused") return { kind, reason: printable(reason?.trim() || "sudo refused without a message") };
  return undefined;
}
