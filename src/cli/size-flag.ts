import { UsageError } from "../base/error.ts";

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  k: 1000,
  m: 1000 ** 2,
  g: 1000 ** 3,
  t: 1000 ** 4,
  ki: 1024,
  mi: 1024 ** 2,
  gi: 1024 ** 3,
  ti: 1024 ** 4,
};

/** Bytes that a user writes as `500MB`, `512MiB`, `2g` or `1024`. @throws {UsageError} */
export function parseSizeFlag(flag: string, text: string): number {
  const parts = /^(\d+(?:\.\d+)?) ?([kmgt]i?)?b?$/i.exec(text.trim());
  const unit = UNITS[parts?.[2]?.toLowerCase() ?? ""];
  const sizeBytes = Math.floor(Number(parts?.[1]) * (unit ?? Number.NaN));
  if (Number.isSafeInteger(sizeBytes) && sizeBytes > 0) return sizeBytes;
  throw new UsageError(`Cannot use --${flag} "${text}": expected a size such as 500MB or 2GiB`);
}
