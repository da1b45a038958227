import { UsageError } from "../base/error.ts";

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  k: 1024,
  m: 1024 ** 2,
  g: 1024 ** 3,
  t: 1024 ** 4,
  kb: 1000,
  mb: 1000 ** 2,
  gb: 1000 ** 3,
  tb: 1000 ** 4,
};

/** Reads `700M`, `4G` or `4GiB` (powers of 1024), `4GB` (powers of 1000), or bytes. @throws {UsageError} */
export function parseByteSize(flag: string, text: string): number {
  const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)\s*([a-zA-Z]*)$/.exec(text) ?? [];
  const factor = UNITS[unit.toLowerCase().replace(/^([kmgt])ib$/, "$1")];
  const sizeBytes = digits === undefined || factor === undefined ? 0 : Math.floor(Number(digits) * factor);
  if (sizeBytes > 0 && Number.isSafeInteger(sizeBytes)) return sizeBytes;
  throw new UsageError(`Invalid value "${text}" of --${flag}: expected a size such as 700M or 4G`);
}
