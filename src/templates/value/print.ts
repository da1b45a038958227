import { compareStrings } from "./bytes.ts";
import { findItems, GoObject, Integer } from "./value.ts";
import type { Value } from "./value.ts";
import { renderFloat } from "./float.ts";
import { kindOf } from "./kind.ts";

/** The value as fmt prints it with `%v`. */
export function print(value: Value): string {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
      return renderFloat(value);
    case "bigint":
    case "boolean":
      return String(value);
    case "undefined":
      return "<nil>";
    case "function":
    case "object":
    case "symbol":
    default:
      return printObject(value);
  }
}

function printObject(value: Exclude<Value, string | number | bigint | boolean | undefined>): string {
  if (value === null) return "<nil>";
  if (value instanceof Integer) return String(value.value);
  if (value instanceof GoObject) return value.print();
  if (value instanceof Map)
    return `map[${sortedEntries(value)
      .map(([key, item]) => `${key}:${print(item)}`)
      .join(" ")}]`;
  return `[${(findItems(value) ?? []).map(print).join(" ")}]`;
}

/** The entries in the order in which `range`, fmt and JSON take them. */
export function sortedEntries(map: ReadonlyMap<string, Value>): (readonly [string, Value])[] {
  return [...map].sort(([a], [b]) => compareStrings(a, b));
}

/** Go's `fmt.Sprint`: a space between two operands that are both no strings. */
export function printAll(values: readonly Value[]): string {
  let text = "";
  let afterString = true;
  for (const value of values) {
    const isString = kindOf(value) === "string";
    if (!isString && !afterString) text += " ";
    text += print(value);
    afterString = isString;
  }
  return text;
}

/** Go's `fmt.Sprintln`. */
export function printLine(values: readonly Value[]): string {
  return `${values.map(print).join(" ")}\n`;
}
