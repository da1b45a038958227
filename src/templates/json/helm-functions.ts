import { FunctionError } from "../error.ts";
import { fixed, functionTable } from "../function.ts";
import { kindOf } from "../value/kind.ts";
import type { Value } from "../value/value.ts";
import { readJson } from "./read-json.ts";

const JSON_KINDS: Readonly<Record<string, string>> = {
  map: "object",
  slice: "array",
  string: "string",
  bool: "bool",
  float64: "number",
};

/** What Helm's readers give for a wrong document: a map or list with the error as its only entry. */
export function readMap(read: (text: string) => Value, text: string, prefix = ""): Value {
  try {
    const value = read(text);
    return value instanceof Map
      ? value
      : new Map(value === null ? [] : [["Error", prefix + mismatch(value, "map[string]interface {}")]]);
  } catch (error) {
    if (error instanceof FunctionError) return new Map([["Error", error.message]]);
    throw error;
  }
}

export function readList(read: (text: string) => Value, text: string, prefix = ""): Value {
  try {
    const value = read(text);
    return Array.isArray(value) ? value : value === null ? [] : [prefix + mismatch(value, "[]interface {}")];
  } catch (error) {
    if (error instanceof FunctionError) return [error.message];
    throw error;
  }
}

function mismatch(value: Value, wanted: string): string {
  return `json: cannot unmarshal ${JSON_KINDS[kindOf(value)] ?? "value"} into Go value of type ${wanted}`;
}

export const helmJsonFunctions = functionTable({
  fromJson: fixed(["string"], (text) => readMap(readJson, text)),
  fromJsonArray: fixed(["string"], (text) => readList(readJson, text)),
});
