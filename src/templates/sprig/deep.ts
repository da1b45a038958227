import { findInteger, kindOf, typeOf } from "../value/kind.ts";
import { findItems, GoObject, Integer, TypedList, TypedMap } from "../value/value.ts";
import type { Value } from "../value/value.ts";

/** Go's `reflect.DeepEqual`: the types have to be the same, so `int` 1 differs from `int64` 1. */
export function deepEqual(a: Value, b: Value): boolean {
  if (isNothing(a) || isNothing(b)) return isNothing(a) && isNothing(b);
  if (kindOf(a) !== kindOf(b) || typeOf(a) !== typeOf(b)) return false;
  if (a instanceof Integer) return a.value === findInteger(b);
  if (a instanceof GoObject) return a === b || (b instanceof GoObject && a.print() === b.print());
  if (a instanceof Map && b instanceof Map) {
    return a.size === b.size && [...a].every(([key, item]) => b.has(key) && deepEqual(item, b.get(key)));
  }
  const items = findItems(a);
  const others = findItems(b);
  if (!items || !others) return a === b;
  return items.length === others.length && items.every((item, index) => deepEqual(item, others[index]));
}

function isNothing(value: Value): boolean {
  return value === undefined || value === null;
}

export function deepCopy(value: Value): Value {
  if (value instanceof TypedMap) return new TypedMap(value.elementType, copyEntries(value));
  if (value instanceof Map) return new Map(copyEntries(value));
  if (value instanceof TypedList) return new TypedList(value.elementType, value.items.map(deepCopy), value.isNil);
  return Array.isArray(value) ? value.map(deepCopy) : value;
}

function copyEntries(map: ReadonlyMap<string, Value>): (readonly [string, Value])[] {
  return Array.from(map, ([key, item]) => [key, deepCopy(item)] as const);
}
