import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";

/** What sudo asks the user for. */
export type SudoRule = "password" | "nopasswd" | "none";

export interface TestUser {
  readonly name: string;
  readonly password: string;
  allowSudo(rule: SudoRule, defaults?: string): void;
  remove(): void;
}

/** A throw-away user of this machine, with a password. Needs root. */
export function createTestUser(): TestUser {
  const name = `sealos-test-${process.pid}`;
  const password = "p'a s$s\"w\\ord-é";
  const rules = `/etc/sudoers.d/${name}`;
  execFileSync("useradd", ["-m", "-s", "/bin/sh", name]);
  execFileSync("chpasswd", { input: `${name}:${password}\n` });
  return {
    name,
    password,
    allowSudo: (rule, defaults = "!use_pty") => {
      const grant = `${name} ALL=(ALL) ${rule === "nopasswd" ? "NOPASSWD: " : ""}ALL\n`;
      writeFileSync(rules, `Defaults:${name} ${defaults}\n${rule === "none" ? "" : grant}`, { mode: 0o440 });
    },
    remove: () => {
      rmSync(rules, { force: true });
      execFileSync("userdel", ["-r", "-f", name], { stdio: "ignore" });
    },
  };
}
