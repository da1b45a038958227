import { FunctionError } from "../error.ts";
import { ByteList } from "../value/byte-list.ts";
import { byteLength, encodeBytes, sliceBytes } from "../value/bytes.ts";
import { findInteger, typeOf } from "../value/kind.ts";
import { findItems, GoObject, Integer, TypedList, zeroElement } from "../value/value.ts";
import type { Value } from "../value/value.ts";

/** Go's `index`: a missing map key is nil, everything else that does not fit is an error. */
export function index(item: Value, keys: readonly Value[]): Value {
  if (item === undefined || item === null) throw new FunctionError("index of untyped nil");
  let value: Value = item;
  for (const key of keys) value = indexOne(value, key);
  return value;
}

function indexOne(item: Value, key: Value): Value {
  if (item === null || item === undefined) throw new FunctionError("index of nil pointer");
  const map = item instanceof Map ? item : item instanceof GoObject ? item.entries() : undefined;
  if (map) return map.get(mapKey(key)) ?? zeroElement(map);
  if (typeof item === "string") {
    const bytes = encodeBytes(item);
    const byte = bytes[offset(key, bytes.length)];
    if (byte === undefined) throw new FunctionError("reflect: string index out of range");
    return new Integer("uint8", BigInt(byte));
  }
  const items = findItems(item);
  if (!items) throw new FunctionError(`can't index item of type ${typeOf(item)}`);
  const at = offset(key, items.length);
  if (at >= items.length) throw new FunctionError("reflect: slice index out of range");
  return items[at];
}

function mapKey(key: Value): string {
  if (typeof key === "string") return key;
  if (key === undefined || key === null) throw new FunctionError("value is nil; should be of type string");
  throw new FunctionError(`value has type ${typeOf(key)}; should be string`);
}

function offset(key: Value, length: number): number {
  if (key === undefined || key === null) throw new FunctionError("cannot index slice/array with nil");
  const integer = findInteger(key);
  if (integer === undefined) throw new FunctionError(`cannot index slice/array with type ${typeOf(key)}`);
  if (integer < 0n || integer > BigInt(length)) throw new FunctionError(`index out of range: ${integer}`);
  return Number(integer);
}

/** Go's `slice` of a string (bytes) or a list. */
export function slice(item: Value, bounds: readonly Value[]): Value {
  if (item === undefined || item === null) throw new FunctionError("slice of untyped nil");
  if (bounds.length > 3) throw new FunctionError(`too many slice indexes: ${bounds.length}`);
  if (typeof item === "string" && bounds.length === 3) throw new FunctionError("cannot 3-index slice a string");
  const items = findItems(item);
  if (typeof item !== "string" && !items) throw new FunctionError(`can't slice item of type ${typeOf(item)}`);
  const length = typeof item === "string" ? byteLength(item) : (items?.length ?? 0);
  const [start = 0, end = length, capacity = length] = bounds.map((bound) => offset(bound, length));
  if (start > end) throw new FunctionError(`invalid slice index: ${start} > ${end}`);
  if (end > capacity) throw new FunctionError(`invalid slice index: ${end} > ${capacity}`);
  if (typeof item === "string") return sliceBytes(item, start, end);
  const part = items?.slice(start, end) ?? [];
  return item instanceof TypedList ? new TypedList(item.elementType, part) : part;
}

/** Go's `len`. */
export function length(item: Value): bigint {
  if (item === null) throw new FunctionError("len of nil pointer");
  if (item === undefined) throw new FunctionError("reflect: call of reflect.Value.Type on zero Value");
  if (typeof item === "string") return BigInt(byteLength(item));
  if (item instanceof ByteList) return BigInt(byteLength(item.text));
  if (item instanceof Map) return BigInt(item.size);
  const count = item instanceof GoObject ? item.entries()?.size : findItems(item)?.length;
  if (count === undefined) throw new FunctionError(`len of type ${typeOf(item)}`);
  return BigInt(count);
}
