import { UsageError } from "../base/error.ts";

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Reads a time as Go writes it, for instance `1h30m` or `0`. @returns milliseconds @throws {UsageError} */
export function parseDuration(flag: string, text: string): number {
  const parts = [...text.matchAll(/([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)/g)];
  if (text === "0") return 0;
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text) {
    throw new UsageError(`Invalid value "${text}" of --${flag}: expected a time such as 90s, 30m or 24h`);
  }
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNIT_MS[unit ?? ""] ?? 0), 0);
}
