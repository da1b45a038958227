import { InputError } from "../../base/error.ts";
import { fromJavaScript } from "./bytes.ts";
import { GoObject, Integer, TypedList } from "./value.ts";
import type { GoMap, Value } from "./value.ts";

/**
 * Plain JavaScript data as a template sees it. Integers become `int`, other numbers `float64`, own enumerable properties
 * become map entries. What is already a template's value (a `Map`, a typed list, an {@link Integer}) is taken as it is.
 */
export function toValue(plain: unknown): Value {
  switch (typeof plain) {
    case "string":
      return fromJavaScript(plain);
    case "number":
      return Number.isSafeInteger(plain) && !Object.is(plain, -0) ? BigInt(plain) : plain;
    case "bigint":
      return BigInt.asIntN(64, plain) === plain ? plain : new Integer("uint64", BigInt.asUintN(64, plain));
    case "boolean":
    case "undefined":
      return plain;
    case "object":
      return toCompound(plain);
    case "function":
    case "symbol":
    default:
      throw new InputError(`Cannot use a ${typeof plain} as template data`);
  }
}

function toCompound(plain: object | null): Value {
  if (plain === null) return null;
  if (plain instanceof Integer || plain instanceof TypedList || plain instanceof GoObject) return plain;
  if (Array.isArray(plain)) return plain.map(toValue);
  if (plain instanceof Map) return plain;
  const map: GoMap = new Map();
  for (const [key, value] of Object.entries(plain)) map.set(fromJavaScript(key), toValue(value));
  return map;
}
