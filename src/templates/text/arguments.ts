import { typeOf } from "../value/kind.ts";
import { GoObject, NilMap, TypedList, TypedMap } from "../value/value.ts";
import type { ParameterType, Value } from "../value/value.ts";
import type { OperandNode } from "./node.ts";
import { renderNode } from "./render-node.ts";

/** How Go writes the parameter types. */
const TYPE_NAMES: Readonly<Record<ParameterType, string>> = {
  any: "interface {}",
  value: "reflect.Value",
  string: "string",
  bool: "bool",
  int: "int",
  int64: "int64",
  float64: "float64",
  list: "[]interface {}",
  strings: "[]string",
  map: "map[string]interface {}",
  error: "error",
  time: "time.Time",
};

/** The zero value of the types that `nil` can be given to. */
const NIL_VALUES: Partial<Readonly<Record<ParameterType, () => Value>>> = {
  any: () => null,
  value: () => undefined,
  list: () => [],
  strings: () => new TypedList("string", [], true),
  map: () => new NilMap(),
  error: () => null,
};

/** A value that does not fit: the message for the executor. */
export class Misfit {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** Go's assignability of a computed value to a parameter. */
export function assign(value: Value, type: ParameterType): Value | Misfit {
  if (type === "any") return value === undefined ? null : value;
  if (type === "value") return value;
  if (value === undefined) {
    const nil = NIL_VALUES[type];
    return nil ? nil() : new Misfit(`invalid value; expected ${TYPE_NAMES[type]}`);
  }
  if (isAssignable(value, type)) return value;
  if (type === "list" && value instanceof TypedList && value.elementType === "interface {}") return value.items;
  return new Misfit(`wrong type for value; expected ${TYPE_NAMES[type]}; got ${typeOf(value)}`);
}

function isAssignable(value: Value, type: ParameterType): boolean {
  switch (type) {
    case "string":
      return typeof value === "string";
    case "bool":
      return typeof value === "boolean";
    case "int":
      return typeof value === "bigint";
    case "float64":
      return typeof value === "number";
    case "list":
      return Array.isArray(value);
    case "strings":
      return value instanceof TypedList && value.elementType === "string";
    case "map":
      return value instanceof Map && !(value instanceof TypedMap);
    case "error":
    case "time":
      return value instanceof GoObject && value.type === TYPE_NAMES[type];
    case "any":
    case "int64":
    case "value":
    default:
      return typeOf(value) === TYPE_NAMES[type];
  }
}

/** A literal `nil` as the argument. */
export function assignNil(type: ParameterType): Value | Misfit {
  const nil = NIL_VALUES[type];
  return nil ? nil() : new Misfit(`cannot assign nil to ${TYPE_NAMES[type]}`);
}

/** A literal as the argument: the parameter's type decides what a number is. */
export function assignLiteral(node: OperandNode, type: ParameterType): Value | Misfit {
  switch (type) {
    case "bool":
      return node.kind === "bool" ? node.value : new Misfit(`expected bool; found ${renderNode(node)}`);
    case "string":
      return node.kind === "string" ? node.value : new Misfit(`expected string; found ${renderNode(node)}`);
    case "float64":
      return node.kind === "number" && node.float !== undefined
        ? node.float
        : new Misfit(`expected float; found ${renderNode(node)}`);
    case "int":
    case "int64":
      return node.kind === "number" && node.integer !== undefined
        ? node.integer
        : new Misfit(`expected integer; found ${renderNode(node)}`);
    case "any":
    case "value":
      return literal(node);
    case "error":
    case "list":
    case "map":
    case "strings":
    case "time":
    default:
      return new Misfit(`can't handle ${renderNode(node)} for arg of type ${TYPE_NAMES[type]}`);
  }
}

/** The value of a literal where nothing asks for a type. */
export function literal(node: OperandNode): Value | Misfit {
  switch (node.kind) {
    case "bool":
    case "string":
      return node.value;
    case "number":
      return idealConstant(node);
    case "chain":
    case "dot":
    case "field":
    case "identifier":
    case "nil":
    case "pipe":
    case "variable":
    default:
      return new Misfit(`can't handle assignment of ${renderNode(node)} to empty interface argument`);
  }
}

function idealConstant(node: Extract<OperandNode, { kind: "number" }>): Value | Misfit {
  const isHex = /^0[xX][^pP]*$/.test(node.text);
  const looksLikeFloat = /[.eEpP]/.test(node.text) && !isHex && !node.text.startsWith("'");
  if (looksLikeFloat && node.float !== undefined) return node.float;
  return node.integer ?? new Misfit(`${node.text} overflows int`);
}
