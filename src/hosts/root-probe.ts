import { quoteWord } from "./command.ts";
import type { Secret } from "../base/secret.ts";

/** How a login may become root. */
export type Standing = "root" | "sudo" | "refused";

/** A shell text that prints a {@link Standing}; why sudo refuses goes to standard error. */
export function renderRootProbe(password: Secret | undefined): string {
  const sudo = password
    ? `printf '%s\\n' ${quoteWord(password.reveal())} | LC_ALL=C sudo -k -S -p '' sh -c :`
    : "LC_ALL=C sudo -k -n sh -c :";
  return `if [ "$(id -u)" = 0 ]; then echo sealos-login:root
elif ${sudo} >/dev/null; then echo sealos-login:sudo
else echo sealos-login:refused
fi`;
}

/** Login scripts may print lines of their own around it. */
export function findStanding(line: string): Standing | undefined {
  switch (line) {
    case "sealos-login:root":
      return "root";
    case "sealos-login:sudo":
      return "sudo";
    case "sealos-login:refused":
      return "refused";
    default:
      return undefined;
  }
}
