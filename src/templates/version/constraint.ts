import { assertNever } from "../../base/error.ts";
import { FunctionError } from "../error.ts";
import { quote } from "../value/quote.ts";
import { comparePrereleases, compareVersions, parseVersion } from "./version.ts";
import type { Version } from "./version.ts";

type Operator = "=" | "!=" | ">" | "<" | ">=" | "<=" | "~" | "^";

interface Comparison {
  readonly operator: Operator;
  readonly version: Version;
  /** How many segments are written as numbers: `1.x` fixes one. */
  readonly fixedSegments: number;
}

/** Comparisons that all have to hold; pre-releases count only where one is named. */
interface Group {
  readonly comparisons: readonly Comparison[];
  readonly includesPrereleases: boolean;
}

/** A constraint such as `>=1.19-0 <2 || ^3.1`: one of its groups has to hold. */
export type Constraint = readonly Group[];

const MAX_LENGTH = 512;
const MAX_GROUPS = 32;
const VERSION =
  "v?([0-9|x|X|*]+)(\\.[0-9|x|X|*]+)?(\\.[0-9|x|X|*]+)?(-(?:[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?";
const OPERATOR = "=|!=|>|<|>=|=>|<=|=<|~|~>|\\^|";
const BARE_VERSION = VERSION.replace(/\((?!\?)/g, "(?:");
const ONE = new RegExp(`^\\s*(${OPERATOR})\\s*${VERSION}\\s*$`);
const FIND = new RegExp(`(?:=>|=<|!=|>=|<=|~>|=|>|<|~|\\^|)\\s*${BARE_VERSION}`, "g");
const VALID = new RegExp(
  `^\\s*(?:${OPERATOR})\\s*${BARE_VERSION}\\s*(?:(?:\\s+|,\\s*)(?:${OPERATOR})\\s*${BARE_VERSION}\\s*)*$`,
);
const RANGE = new RegExp(`\\s*(${BARE_VERSION})\\s+-\\s+(${BARE_VERSION})\\s*`, "g");
const SYNONYMS: Readonly<Record<string, Operator>> = {
  "": "=",
  "=": "=",
  "!=": "!=",
  ">": ">",
  "<": "<",
  ">=": ">=",
  "=>": ">=",
  "<=": "<=",
  "=<": "<=",
  "~": "~",
  "~>": "~",
  "^": "^",
};

/** @throws {FunctionError} */
export function parseConstraint(text: string): Constraint {
  if (text.length > MAX_LENGTH) throw new FunctionError(`constraint string is too long (max ${MAX_LENGTH} bytes)`);
  const groups = text.replace(RANGE, ">= $1, <= $2 ").split("||");
  if (groups.length > MAX_GROUPS) throw new FunctionError(`too many constraint groups (max ${MAX_GROUPS})`);
  return groups.map(parseGroup);
}

function parseGroup(text: string): Group {
  if (!VALID.test(text)) throw new FunctionError(`improper constraint: ${quote(text)}`);
  const comparisons = (text.match(FIND) ?? [text]).map(parseComparison);
  return { comparisons, includesPrereleases: comparisons.some(({ version }) => version.prerelease !== "") };
}

function parseComparison(text: string): Comparison {
  const match = ONE.exec(text);
  if (!match) throw new FunctionError(`improper constraint: ${quote(text)}`);
  const [, operator = "", major = "", minor = "", patch = "", prerelease = ""] = match;
  const segments = [major, minor.slice(1), patch.slice(1)];
  const wild = segments.findIndex((part) => part === "" || /^[xX*]$/.test(part));
  const fixedSegments = wild < 0 ? 3 : wild;
  const numbers = segments.map((part, index) => (index < fixedSegments ? part : "0"));
  return {
    operator: SYNONYMS[operator] ?? "=",
    version: parseConstraintVersion(numbers.join(".") + prerelease),
    fixedSegments,
  };
}

function parseConstraintVersion(text: string): Version {
  try {
    return parseVersion(text);
  } catch (error) {
    throw error instanceof FunctionError ? new FunctionError("constraint parser error") : error;
  }
}

export function satisfies(version: Version, constraint: Constraint): boolean {
  return constraint.some(({ comparisons, includesPrereleases }) => {
    if (version.prerelease !== "" && !includesPrereleases) return false;
    return comparisons.every((comparison) => holds(version, comparison));
  });
}

function holds(version: Version, comparison: Comparison): boolean {
  const order = compareVersions(version, comparison.version);
  const isWild = comparison.fixedSegments < 3;
  switch (comparison.operator) {
    case "=":
      return isWild ? isInTilde(version, comparison) : order === 0;
    case "!=":
      return isWild ? differs(version, comparison) : order !== 0;
    case ">":
      return isWild ? isBeyond(version, comparison) : order > 0;
    case "<":
      return order < 0;
    case ">=":
      return order >= 0;
    case "<=":
      return isWild ? !isAbove(version, comparison) : order <= 0;
    case "~":
      return isInTilde(version, comparison);
    case "^":
      return isInCaret(version, comparison);
    default:
      return assertNever(comparison.operator);
  }
}

function differs(version: Version, { version: wanted, fixedSegments }: Comparison): boolean {
  if (wanted.major !== version.major) return true;
  if (fixedSegments === 0) return compareVersions(version, wanted) !== 0;
  if (fixedSegments === 1) return false;
  if (wanted.minor !== version.minor) return true;
  const hasPrerelease = version.prerelease !== "" || wanted.prerelease !== "";
  return hasPrerelease && comparePrereleases(version.prerelease, wanted.prerelease) !== 0;
}

function isBeyond(version: Version, { version: wanted, fixedSegments }: Comparison): boolean {
  if (version.major !== wanted.major) return version.major > wanted.major;
  if (fixedSegments === 1) return false;
  if (fixedSegments === 2) return version.minor > wanted.minor;
  return compareVersions(version, wanted) > 0;
}

function isAbove(version: Version, { version: wanted, fixedSegments }: Comparison): boolean {
  if (version.major > wanted.major) return true;
  return version.major === wanted.major && version.minor > wanted.minor && fixedSegments !== 1;
}

function isInTilde(version: Version, { version: wanted, fixedSegments }: Comparison): boolean {
  if (compareVersions(version, wanted) < 0) return false;
  const isZero = wanted.major === 0n && wanted.minor === 0n && wanted.patch === 0n;
  if (isZero && fixedSegments !== 1 && fixedSegments !== 2) return true;
  return version.major === wanted.major && (version.minor === wanted.minor || fixedSegments === 1);
}

function isInCaret(version: Version, { version: wanted, fixedSegments }: Comparison): boolean {
  if (compareVersions(version, wanted) < 0) return false;
  if (wanted.major > 0n || fixedSegments === 1) return version.major === wanted.major;
  if (version.major > 0n) return false;
  if (wanted.minor > 0n || fixedSegments === 2) return version.minor === wanted.minor;
  return version.minor === 0n && version.patch === wanted.patch;
}
