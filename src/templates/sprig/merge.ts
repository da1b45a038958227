import { isTrue } from "../value/kind.ts";
import { findItems } from "../value/value.ts";
import type { GoMap, Value } from "../value/value.ts";

/**
 * Merges `source` into `target` and changes `target`. Without `overwrites` only what is missing or empty there (0, "",
 * false, an empty list) is taken; nested maps are merged in place and otherwise stay shared with the source.
 */
export function mergeInto(target: GoMap, source: GoMap, overwrites: boolean): void {
  if (target === source) return;
  for (const [key, item] of source) mergeKey(target, key, item, overwrites);
}

function mergeKey(target: GoMap, key: string, item: Value, overwrites: boolean): void {
  if (item === null || item === undefined) {
    if (overwrites) target.set(key, null);
    return;
  }
  const existing = target.get(key);
  if (item instanceof Map && existing instanceof Map) mergeInto(existing, item, overwrites);
  if (isTrue(existing)) {
    if (item instanceof Map && existing instanceof Map) return;
    if (!overwrites) return;
  }
  if (findItems(item) || overwrites || !isTrue(existing)) target.set(key, item);
}
