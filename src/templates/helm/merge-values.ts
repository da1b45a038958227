import { FunctionError } from "../error.ts";
import { readJson } from "../json/read-json.ts";
import { decodeBytes } from "../value/bytes.ts";
import type { GoMap, Value } from "../value/value.ts";
import { readYaml } from "../yaml/read-yaml.ts";
import { ChartError } from "./errors.ts";
import { mergeMaps, setFileValues, setValues } from "./set-values.ts";

/** What the user sets over the defaults, as the flags of `helm template` do it. */
export interface ValuesInput {
  /** Values files, later ones over earlier ones. */
  readonly files: readonly ValuesFile[];
  readonly set: readonly string[];
  readonly setString: readonly string[];
  readonly setJson: readonly string[];
  readonly setLiteral: readonly string[];
  readonly setFile: readonly string[];
  /** The files that {@link filesToSet} names. */
  readonly filesToSet: ReadonlyMap<string, Uint8Array>;
}

export interface ValuesFile {
  readonly name: string;
  readonly data: Uint8Array;
}

/** One map out of all of it, in Helm's order. @throws {ChartError} naming the file or the assignment. */
export function mergeValues(input: ValuesInput): GoMap {
  let values: GoMap = input.files.map(readValues).reduce(mergeMaps, new Map());
  for (const text of input.setJson) {
    if (text.trimStart().startsWith("{")) values = mergeMaps(values, readObject(text));
    else setValues(values, text, "json");
  }
  for (const text of input.set) setValues(values, text, "typed");
  for (const text of input.setString) setValues(values, text, "string");
  const readFile = (path: string): string => decodeBytes(input.filesToSet.get(path) ?? new Uint8Array());
  for (const text of input.setFile) setFileValues(values, text, readFile);
  for (const text of input.setLiteral) setValues(values, text, "literal");
  return values;
}

/** The paths that `--set-file` assignments name. @throws {ChartError} */
export function filesToSet(assignments: readonly string[]): readonly string[] {
  const paths = new Set<string>();
  const values: GoMap = new Map();
  for (const text of assignments) {
    setFileValues(values, text, (path) => {
      paths.add(path);
      return "";
    });
  }
  return [...paths];
}

function readValues({ name, data }: ValuesFile): GoMap {
  return toMap(`Cannot read values file "${name}"`, () => readYaml(decodeBytes(data)));
}

function readObject(text: string): GoMap {
  return toMap(`Cannot set "${text}"`, () => readJson(text));
}

function toMap(failure: string, read: () => Value): GoMap {
  try {
    const value = read();
    if (value === null) return new Map();
    if (value instanceof Map) return value;
  } catch (error) {
    if (error instanceof FunctionError) throw new ChartError(`${failure}: ${error.message}`, { cause: error });
    throw error;
  }
  throw new ChartError(`${failure}: it holds no map`);
}
