import { FunctionError } from "../error.ts";
import { compareStrings } from "../value/bytes.ts";
import { findInteger, kindOf, typeOf } from "../value/kind.ts";
import { formatValue } from "../value/format.ts";
import { print } from "../value/print.ts";
import { GoObject } from "../value/value.ts";
import type { Value } from "../value/value.ts";

type BasicKind = "bool" | "integer" | "float" | "string";

/** The kinds that Go compares. Signed and unsigned integers compare with each other. */
function basicKind(value: Value): BasicKind | undefined {
  switch (typeof value) {
    case "boolean":
      return "bool";
    case "bigint":
      return "integer";
    case "number":
      return "float";
    case "string":
      return "string";
    case "function":
    case "object":
    case "symbol":
    case "undefined":
    default:
      return findInteger(value) === undefined ? undefined : "integer";
  }
}

const isNothing = (value: Value): boolean => value === undefined || value === null;

/** `eq a b c`: whether a equals any of the others. */
export function equalsAny(first: Value, others: readonly Value[]): boolean {
  if (others.length === 0) throw new FunctionError("missing argument for comparison");
  return others.some((other) => equals(first, other));
}

export function equals(a: Value, b: Value): boolean {
  const kind = basicKind(a);
  if (kind !== basicKind(b)) {
    if (isNothing(a) || isNothing(b)) return false;
    throw new FunctionError(`incompatible types for comparison: ${typeOf(a)} and ${typeOf(b)}`);
  }
  if (kind === "integer") return findInteger(a) === findInteger(b);
  return kind === undefined ? equalsOther(a, b) : a === b;
}

function equalsOther(a: Value, b: Value): boolean {
  if (isNothing(a) || isNothing(b)) return isNothing(a) === isNothing(b);
  if (kindOf(a) !== kindOf(b)) {
    throw new FunctionError(`non-comparable types ${shown(a)}: ${typeOf(a)}, ${typeOf(b)}: ${print(b)}`);
  }
  if (b instanceof GoObject) return a === b;
  throw new FunctionError(`non-comparable type ${shown(b)}: ${typeOf(b)}`);
}

/** Go formats the operand with `%s` in these messages. */
function shown(value: Value): string {
  return formatValue(value, "s", {}, 1);
}

export function isLess(a: Value, b: Value): boolean {
  const kind = basicKind(a);
  const other = basicKind(b);
  if (!kind || !other) throw new FunctionError("invalid type for comparison");
  if (kind !== other) throw new FunctionError(`incompatible types for comparison: ${typeOf(a)} and ${typeOf(b)}`);
  if (kind === "bool") throw new FunctionError("invalid type for comparison");
  if (typeof a === "string" && typeof b === "string") return compareStrings(a, b) < 0;
  if (typeof a === "number" && typeof b === "number") return a < b;
  return (findInteger(a) ?? 0n) < (findInteger(b) ?? 0n);
}

export function isLessOrEqual(a: Value, b: Value): boolean {
  return isLess(a, b) || equals(a, b);
}
