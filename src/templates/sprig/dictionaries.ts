import { FunctionError } from "../error.ts";
import { fixed, functionTable, variadic } from "../function.ts";
import { typeOf } from "../value/kind.ts";
import { print, sortedEntries } from "../value/print.ts";
import { NilMap, TypedList, TypedMap } from "../value/value.ts";
import type { GoCallable, GoMap, Value } from "../value/value.ts";
import { mergeInto } from "./merge.ts";

function dictionary(items: readonly Value[]): GoMap {
  const map: GoMap = new Map();
  for (let at = 0; at < items.length; at += 2)
    map.set(print(items[at]), at + 1 < items.length ? (items[at + 1] ?? null) : "");
  return map;
}

function set(map: GoMap, key: string, value: Value): GoMap {
  return map.set(key, value);
}

function unset(map: GoMap, key: string): GoMap {
  map.delete(key);
  return map;
}

function pick(map: GoMap, keys: readonly string[]): GoMap {
  return new Map(keys.filter((key) => map.has(key)).map((key) => [key, map.get(key)]));
}

function omit(map: GoMap, keys: readonly string[]): GoMap {
  return new Map([...map].filter(([key]) => !keys.includes(key)));
}

function merger(overwrites: boolean): GoCallable {
  return variadic(["map"], "map", (given, sources) => {
    const target = given instanceof NilMap ? new Map<string, Value>() : given;
    for (const source of sources) mergeInto(target, source, overwrites);
    return target;
  });
}

function dig(parameters: readonly Value[]): Value {
  if (parameters.length < 3) throw new FunctionError("dig needs at least three arguments");
  const keys = parameters.slice(0, -2);
  const fallback = parameters.at(-2);
  let value: Value = parameters.at(-1);
  for (const key of keys) {
    if (typeof key !== "string") throw new FunctionError(conversionProblem(key, "string"));
    if (!(value instanceof Map) || value instanceof TypedMap) {
      throw new FunctionError(conversionProblem(value, "map[string]interface {}"));
    }
    if (!value.has(key)) return fallback;
    value = value.get(key);
  }
  return value;
}

function conversionProblem(value: Value, wanted: string): string {
  const found = value === null || value === undefined ? "nil" : typeOf(value);
  return `interface conversion: interface {} is ${found}, not ${wanted}`;
}

/** Go gives keys and values in random order; here they are sorted by key. */
function keysOf(maps: readonly GoMap[]): TypedList {
  return new TypedList(
    "string",
    maps.flatMap((map) => sortedEntries(map).map(([key]) => key)),
  );
}

export const dictionaryFunctions = functionTable({
  dict: variadic([], "any", dictionary),
  get: fixed(["map", "string"], (map, key) => (map.has(key) ? map.get(key) : "")),
  set: fixed(["map", "string", "any"], set),
  unset: fixed(["map", "string"], unset),
  hasKey: fixed(["map", "string"], (map, key) => map.has(key)),
  pluck: variadic(["string"], "map", (key, maps) => maps.filter((map) => map.has(key)).map((map) => map.get(key))),
  keys: variadic([], "map", keysOf),
  values: fixed(["map"], (map) => sortedEntries(map).map(([, value]) => value)),
  pick: variadic(["map"], "string", pick),
  omit: variadic(["map"], "string", omit),
  merge: merger(false),
  mustMerge: merger(false),
  mergeOverwrite: merger(true),
  mustMergeOverwrite: merger(true),
  dig: variadic([], "any", dig),
});
