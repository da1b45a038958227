import { findItems, GoObject, Integer, TypedList, TypedMap } from "./value.ts";
import type { Value } from "./value.ts";

export type Kind =
  | "invalid"
  | "interface"
  | "bool"
  | "string"
  | "int"
  | "int8"
  | "int16"
  | "int32"
  | "int64"
  | "uint"
  | "uint8"
  | "uint16"
  | "uint32"
  | "uint64"
  | "float64"
  | "slice"
  | "map"
  | "struct"
  | "ptr"
  | "func";

/** The value's kind in Go's reflection; `invalid` is no value, `interface` is nil. */
export function kindOf(value: Value): Kind {
  switch (typeof value) {
    case "string":
      return "string";
    case "boolean":
      return "bool";
    case "bigint":
      return "int";
    case "number":
      return "float64";
    case "undefined":
      return "invalid";
    case "function":
    case "object":
    case "symbol":
    default:
      return objectKind(value);
  }
}

function objectKind(value: Value): Kind {
  if (value === null) return "interface";
  if (value instanceof Map) return "map";
  if (value instanceof Integer) return value.type;
  if (value instanceof GoObject) return value.kind;
  return "slice";
}

/** The value's type as `%T` prints it. */
export function typeOf(value: Value): string {
  if (value === undefined || value === null) return "interface {}";
  if (value instanceof TypedMap) return `map[string]${value.elementType}`;
  if (value instanceof Map) return "map[string]interface {}";
  if (value instanceof TypedList) return `[]${value.elementType}`;
  if (value instanceof GoObject) return value.type;
  const kind = kindOf(value);
  return kind === "slice" ? "[]interface {}" : kind;
}

/** The value as an integer of any type, or undefined. */
export function findInteger(value: Value): bigint | undefined {
  if (typeof value === "bigint") return value;
  return value instanceof Integer ? value.value : undefined;
}

export function isUnsigned(value: Value): boolean {
  return value instanceof Integer && value.type.startsWith("uint");
}

/** Truth as `if` decides it: everything but the zero value of its type. */
export function isTrue(value: Value): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value === "string") return value !== "";
  if (typeof value !== "object") return Boolean(value) || Number.isNaN(value);
  if (value instanceof Integer) return value.value !== 0n;
  if (value instanceof Map) return value.size > 0;
  if (value instanceof GoObject) return value.entries() ? (value.entries()?.size ?? 0) > 0 : true;
  return (findItems(value)?.length ?? 0) > 0;
}
