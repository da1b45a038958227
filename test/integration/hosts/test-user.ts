import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";

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
  removeLeftovers();
  const name = `sealos-test-${process.pid}-${randomBytes(3).toString("hex")}`;
  const password = `p'a s$s"w\\ord-é${randomBytes(12).toString("hex")}`;
  execFileSync("useradd", ["-m", "-s", "/bin/sh", name]);
  execFileSync("chpasswd", { input: `${name}:${password}\n` });
  return {
    name,
    password,
    allowSudo: (rule, defaults = "!use_pty") => {
      const grant = `${name} ALL=(ALL) ${rule === "nopasswd" ? "NOPASSWD: " : ""}ALL\n`;
      const rules = `Defaults:${name} ${defaults}\n${rule === "none" ? "" : grant}`;
      writeFileSync(rulesOf(name), rules, { mode: 0o440 });
    },
    remove: () => removeUser(name),
  };
}

function rulesOf(name: string): string {
  return `/etc/sudoers.d/${name}`;
}

function removeUser(name: string): void {
  rmSync(rulesOf(name), { force: true });
  execFileSync("userdel", ["-r", "-f", name], { stdio: "ignore" });
}

/** A killed run cannot clean up: the next one does. */
function removeLeftovers(): void {
  for (const [, name = "", pid = ""] of readFileSync("/etc/passwd", "utf8").matchAll(
    /^(sealos-test-(\d+)-[0-9a-f]+):/gm,
  )) {
    if (!existsSync(`/proc/${pid}`)) removeUser(name);
  }
}
