import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";

/** As `ssh` shows it, from a line of a known_hosts file; undefined when the line has no key. */
export function findFingerprint(line: string): string | undefined {
  const words = line.trim().split(/\s+/);
  const key = words[0]?.startsWith("@") ? words[3] : words[2];
  if (!key || line.startsWith("#") || !/^[A-Za-z0-9+/]+=*$/.test(key)) return undefined;
  const digest = createHash("sha256").update(Buffer.from(key, "base64")).digest("base64");
  return `SHA256:${digest.replace(/=+$/, "")}`;
}

/** @param line counted from 1. */
export async function readFingerprint(file: string, line: number): Promise<string | undefined> {
  try {
    return findFingerprint((await readFile(file, "utf8")).split("\n")[line - 1] ?? "");
  } catch {
    return undefined; // only the message suffers
  }
}

/** How a known_hosts file names a host, for `ssh-keygen -R`. */
export function knownHostsName(address: string, port = 22): string {
  return port === 22 ? address : `[${address}]:${port}`;
}
