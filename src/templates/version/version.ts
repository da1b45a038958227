import { FunctionError } from "../error.ts";
import { compareStrings } from "../value/bytes.ts";

/** A semantic version; missing segments are 0. */
export interface Version {
  readonly major: bigint;
  readonly minor: bigint;
  readonly patch: bigint;
  readonly prerelease: string;
  readonly metadata: string;
  /** As it was written. */
  readonly original: string;
}

const MAX_LENGTH = 256;
const MAX_UINT64 = 2n ** 64n - 1n;
const VERSION =
  /^v?([0-9]+)(\.[0-9]+)?(\.[0-9]+)?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?$/;

/** A version as people write it: `v1.2` is 1.2.0. @throws {FunctionError} */
export function parseVersion(text: string): Version {
  if (text.length > MAX_LENGTH) throw new FunctionError(`version string is too long (max ${MAX_LENGTH} bytes)`);
  const match = VERSION.exec(text);
  if (!match) throw new FunctionError("invalid semantic version");
  const [, major = "0", minor = ".0", patch = ".0", prerelease = "", metadata = ""] = match;
  if (prerelease.split(".").some((part) => /^0[0-9]+$/.test(part)))
    throw new FunctionError("version segment starts with 0");
  return {
    major: segment(major),
    minor: segment(minor.slice(1)),
    patch: segment(patch.slice(1)),
    prerelease,
    metadata,
    original: text,
  };
}

function segment(digits: string): bigint {
  const value = BigInt(digits);
  if (value <= MAX_UINT64) return value;
  throw new FunctionError(`error parsing version segment: strconv.ParseUint: parsing "${digits}": value out of range`);
}

export function renderVersion({ major, minor, patch, prerelease, metadata }: Version): string {
  const before = prerelease === "" ? "" : `-${prerelease}`;
  return `${major}.${minor}.${patch}${before}${metadata === "" ? "" : `+${metadata}`}`;
}

/** Precedence of the specification: metadata does not count. */
export function compareVersions(a: Version, b: Version): number {
  for (const key of ["major", "minor", "patch"] as const) {
    if (a[key] !== b[key]) return a[key] < b[key] ? -1 : 1;
  }
  if (a.prerelease === b.prerelease) return 0;
  if (a.prerelease === "") return 1;
  return b.prerelease === "" ? -1 : comparePrereleases(a.prerelease, b.prerelease);
}

export function comparePrereleases(a: string, b: string): number {
  const left = a.split(".");
  const right = b.split(".");
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = comparePart(left[index] ?? "", right[index] ?? "");
    if (difference !== 0) return difference;
  }
  return 0;
}

function comparePart(a: string, b: string): number {
  if (a === b) return 0;
  if (a === "" || b === "") return a === "" ? -1 : 1;
  const isNumber = /^[0-9]+$/.test(a);
  const isOtherNumber = /^[0-9]+$/.test(b);
  if (isNumber && isOtherNumber) return BigInt(a) < BigInt(b) ? -1 : BigInt(a) > BigInt(b) ? 1 : 0;
  if (isNumber || isOtherNumber) return isNumber ? -1 : 1;
  return compareStrings(a, b) < 0 ? -1 : 1;
}
