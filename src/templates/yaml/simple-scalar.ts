import type { Value } from "../value/value.ts";
import { resolvePlain } from "./resolve.ts";

/** Thrown when the document is more than the simple reader understands; the full one then decides. */
export class NotSimple extends Error {}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t" };

/** What is between double quotes, with no other escapes than `\\ \" \/ \n \t`. */
export function doubleQuotedValue(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replace(/\\(.)/g, (_, character: string) => ESCAPES[character] ?? character);
}

/** What is between single quotes. */
export function singleQuotedValue(text: string): string {
  return text.replaceAll("''", "'");
}

/** A plain scalar of one line. @throws {NotSimple} */
export function plainValue(text: string): Value {
  if (/^[[\]{},&*!|>%@`"'#?:]|^-(?: |$)|: |:$/.test(text)) throw new NotSimple();
  const resolved = resolvePlain(text);
  switch (resolved.tag) {
    case "null":
      return null;
    case "int":
      return Number(resolved.value);
    case "float":
      if (!Number.isFinite(resolved.value)) throw new NotSimple();
      return resolved.value;
    case "str":
    case "bool":
    case "timestamp":
    default:
      return resolved.value;
  }
}
