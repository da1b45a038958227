import { FunctionError } from "../error.ts";

/**
 * The values that templates compute with, as Go's reflection sees them.
 *
 * | Go                     | here                                              |
 * | ---------------------- | ------------------------------------------------- |
 * | no value (missing key) | `undefined`                                       |
 * | interface holding nil  | `null`                                            |
 * | bool, string           | `boolean`, `string` (see bytes.ts for bad UTF-8)  |
 * | int                    | `bigint`                                          |
 * | float64                | `number`                                          |
 * | other integer types    | {@link Integer}                                   |
 * | []interface{}          | array                                             |
 * | other slices           | {@link TypedList}                                 |
 * | map[string]interface{} | `Map`                                             |
 * | other maps             | {@link TypedMap}                                  |
 * | structs, pointers      | {@link GoObject}                                  |
 *
 * Maps are `Map`s and never plain objects: no key of untrusted data reaches a prototype.
 */
export type Value =
  | undefined
  | null
  | boolean
  | string
  | bigint
  | number
  | Integer
  | readonly Value[]
  | TypedList
  | GoMap
  | GoObject;

export type GoMap = Map<string, Value>;

export type IntegerType = "int8" | "int16" | "int32" | "int64" | "uint" | "uint8" | "uint16" | "uint32" | "uint64";

/** An integer of a type other than `int`. */
export class Integer {
  readonly type: IntegerType;
  readonly value: bigint;

  constructor(type: IntegerType, value: bigint) {
    this.type = type;
    this.value = value;
  }
}

/** A slice whose elements are not `interface {}`: `[]string`, `[]int`. */
export class TypedList {
  readonly elementType: string;
  readonly items: readonly Value[];
  /** Go tells a nil slice from an empty one in JSON only. */
  readonly isNil: boolean;

  constructor(elementType: string, items: readonly Value[], isNil = false) {
    this.elementType = elementType;
    this.items = items;
    this.isNil = isNil;
  }

  /** Of a named slice type: the method of that name. */
  method(_name: string): GoCallable | undefined {
    return undefined;
  }
}

/** A map whose elements are not `interface {}`: `map[string]string`. */
export class TypedMap extends Map<string, Value> {
  readonly elementType: string;

  constructor(elementType: string, entries: Iterable<readonly [string, Value]> = []) {
    super();
    this.elementType = elementType;
    for (const [key, value] of entries) this.set(key, value);
  }
}

/** Go's nil map: reads like an empty one and cannot be written to. */
export class NilMap extends Map<string, Value> {
  override set(): never {
    throw new FunctionError("assignment to entry in nil map");
  }
}

/** A map type with methods. */
export abstract class MethodMap extends Map<string, Value> {
  /** The method of that name, bound to this map. */
  abstract method(name: string): GoCallable | undefined;
}

/** What a template sees of a Go struct, a pointer to one or a named type. */
export abstract class GoObject {
  /** As `%T` prints it: `*semver.Version`. */
  abstract readonly type: string;
  abstract readonly kind: "struct" | "ptr" | "slice" | "map" | "func";
  /** The field of that name; undefined when the type has none. */
  field(_name: string): Value {
    return undefined;
  }
  /** The method of that name, bound to this object. */
  method(_name: string): GoCallable | undefined {
    return undefined;
  }
  /** As fmt prints it with `%v`. */
  abstract print(): string;
  /** The element of a map type that is indexed by a field name; undefined when the key is missing. */
  entries(): ReadonlyMap<string, Value> | undefined {
    return undefined;
  }
  /** What JSON and YAML encode it as. */
  toPlain(): Value {
    return this.print();
  }
}

/** What a function of a template declares about one parameter. `any` also takes nil, `value` even no value. */
export type ParameterType =
  | "any"
  | "value"
  | "string"
  | "bool"
  | "int"
  | "int64"
  | "float64"
  | "list"
  | "strings"
  | "map"
  | "error"
  | "time";

/** A function as a template calls it; the arguments have been checked against `parameters`. */
export interface GoCallable {
  readonly parameters: readonly ParameterType[];
  /** Type of each argument after `parameters`. */
  readonly variadic: ParameterType | undefined;
  /** What the executor does itself: `and` and `or` stop early, `call` wants to know the name it was given. */
  readonly special?: "and" | "or" | "call";
  readonly call: (args: readonly Value[]) => Value;
}

/** The items of any kind of slice, or undefined. */
export function findItems(value: Value): readonly Value[] | undefined {
  if (Array.isArray(value)) return value;
  return value instanceof TypedList ? value.items : undefined;
}

/** What Go gives for a key that is not in the map. */
export function zeroElement(map: ReadonlyMap<string, Value>): Value {
  return map instanceof TypedMap && map.elementType === "string" ? "" : null;
}
