import { assertNever, UsageError } from "../base/error.ts";
import type { FlagSpec, FlagValue } from "./flag.ts";

/**
 * The flag's value after `text` has been given to it; `previous` is what earlier occurrences made.
 * @throws {UsageError} when `text` is not a value of the flag's type.
 */
export function setFlag(name: string, spec: FlagSpec, text: string, previous: FlagValue): FlagValue {
  switch (spec.type) {
    case "boolean":
      return parseBoolean(name, text);
    case "integer":
      if (/^[+-]?\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
      throw invalid(name, text, "a whole number");
    case "string":
      if (!spec.choices || spec.choices.includes(text)) return text;
      throw invalid(name, text, `one of ${spec.choices.join(", ")}`);
    case "array":
      return [...listOf(previous), text];
    case "list":
      return [...listOf(previous), ...splitCommas(name, text)];
    default:
      return assertNever(spec);
  }
}

function listOf(previous: FlagValue): readonly string[] {
  return Array.isArray(previous) ? previous : [];
}

/** The words of Go's strconv.ParseBool. */
function parseBoolean(name: string, text: string): boolean {
  if (["1", "t", "T", "true", "TRUE", "True"].includes(text)) return true;
  if (["0", "f", "F", "false", "FALSE", "False"].includes(text)) return false;
  throw invalid(name, text, "true or false");
}

/** One record of comma-separated values: a field in double quotes may hold commas, `""` in it is one quote. */
function splitCommas(name: string, text: string): string[] {
  const fields: string[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y;
  while (field.lastIndex <= text.length) {
    const match = field.exec(text);
    if (!match) throw invalid(name, text, "values with commas between them, quotes around a whole value");
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? "");
    if (match[3] === "") return text === "" ? [] : fields;
  }
  return fields;
}

function invalid(name: string, text: string, wanted: string): UsageError {
  return new UsageError(`Invalid value "${text}" of --${name}: expected ${wanted}`);
}
