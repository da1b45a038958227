import { parseFloat64, parseInt64 } from "../value/parse-number.ts";
import { findInteger } from "../value/kind.ts";
import type { Value } from "../value/value.ts";

const MIN_INT64 = -(2n ** 63n);

export function toInt64Range(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}

/** A number of Sprig's arithmetic: what cannot be converted is 0. Strings are Go literals, so "010" is 8. */
export function castInteger(value: Value): bigint {
  const integer = findInteger(value);
  if (integer !== undefined) return toInt64Range(integer);
  switch (typeof value) {
    case "number":
      return truncateFloat(value);
    case "boolean":
      return value ? 1n : 0n;
    case "string": {
      const parsed = parseInt64(value.replace(/\.0+$/, ""), 0);
      return typeof parsed === "bigint" ? parsed : 0n;
    }
    case "bigint":
    case "undefined":
    case "object":
    case "function":
    case "symbol":
    default:
      return 0n;
  }
}

/** What the processor makes of a float that does not fit: the smallest integer. */
export function truncateFloat(value: number): bigint {
  if (!Number.isFinite(value) || Math.abs(value) >= 2 ** 63) return MIN_INT64;
  return BigInt(Math.trunc(value));
}

export function castFloat(value: Value): number {
  const integer = findInteger(value);
  if (integer !== undefined) return Number(integer);
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value !== "string") return 0;
  const parsed = parseFloat64(value);
  return typeof parsed === "number" ? parsed : 0;
}
