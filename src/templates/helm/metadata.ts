import { baseOf } from "../sprig/paths.ts";
import { FunctionError } from "../error.ts";
import { findItems } from "../value/value.ts";
import type { GoMap, Value } from "../value/value.ts";
import { parseConstraint, satisfies } from "../version/constraint.ts";
import { parseVersion } from "../version/version.ts";
import { ChartError } from "./errors.ts";

/** What a chart takes over from a chart that it depends on: a path of `exports`, or a path of its values to another. */
export type ImportValues = string | { readonly child: string; readonly parent: string };

export interface Dependency {
  readonly name: string;
  readonly version: string;
  readonly repository: string;
  readonly condition: string;
  readonly tags: readonly string[];
  readonly importValues: readonly ImportValues[];
  readonly alias: string;
}

/** Chart.yaml. `document` holds all of it, for what templates ask of it. */
export interface ChartMetadata {
  readonly apiVersion: string;
  readonly name: string;
  readonly version: string;
  readonly appVersion: string;
  readonly kubeVersion: string;
  readonly type: string;
  /** Undefined when Chart.yaml has none, which differs from an empty list: charts/ is then taken as it is. */
  readonly dependencies: readonly Dependency[] | undefined;
  readonly document: GoMap;
}

/** @throws {ChartError} when something that is required is missing or wrong. */
export function parseMetadata(document: GoMap): ChartMetadata {
  const dependencies = findItems(document.get("dependencies"));
  const metadata: ChartMetadata = {
    apiVersion: textOf(document, "apiVersion") || "v1",
    name: textOf(document, "name"),
    version: textOf(document, "version"),
    appVersion: textOf(document, "appVersion"),
    kubeVersion: textOf(document, "kubeVersion"),
    type: textOf(document, "type"),
    dependencies: dependencies?.map(parseDependency),
    document,
  };
  validate(metadata);
  return metadata;
}

function validate({ name, version, type, dependencies = [] }: ChartMetadata): void {
  if (name === "") throw new ChartError("Cannot load a chart: Chart.yaml has no name");
  if (name !== baseOf(name) || name === "." || name === "..")
    throw new ChartError(`Cannot load chart "${name}": the name is invalid`);
  if (version === "") throw new ChartError(`Cannot load chart "${name}": Chart.yaml has no version`);
  if (!isVersion(version))
    throw new ChartError(`Cannot load chart "${name}": version "${version}" is no semantic version`);
  if (!["", "application", "library"].includes(type)) {
    throw new ChartError(`Cannot load chart "${name}": type is "${type}", wanted application or library`);
  }
  const names = dependencies.map((dependency) => dependency.alias || dependency.name);
  const twice = names.find((entry, index) => names.indexOf(entry) !== index);
  if (twice !== undefined)
    throw new ChartError(`Cannot load chart "${name}": two dependencies have the name or alias "${twice}"`);
}

function parseDependency(value: Value): Dependency {
  if (!(value instanceof Map)) throw new ChartError("Cannot load a chart: a dependency in Chart.yaml is no map");
  return {
    name: textOf(value, "name"),
    version: textOf(value, "version"),
    repository: textOf(value, "repository"),
    condition: textOf(value, "condition"),
    tags: (findItems(value.get("tags")) ?? []).filter((tag) => typeof tag === "string"),
    importValues: (findItems(value.get("import-values")) ?? []).flatMap(parseImport),
    alias: textOf(value, "alias"),
  };
}

function parseImport(value: Value): ImportValues[] {
  if (typeof value === "string") return [value];
  return value instanceof Map ? [{ child: textOf(value, "child"), parent: textOf(value, "parent") }] : [];
}

/** Numbers where texts belong are taken as texts, as everywhere in Chart.yaml. */
function textOf(document: GoMap, key: string): string {
  const value = document.get(key);
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

function isVersion(text: string): boolean {
  return orFalse(() => parseVersion(text) !== undefined);
}

/** Whether the version lies in the range; false, too, when either cannot be read. */
export function isInRange(range: string, version: string): boolean {
  return orFalse(() => satisfies(parseVersion(version), parseConstraint(range)));
}

function orFalse(test: () => boolean): boolean {
  try {
    return test();
  } catch (error) {
    if (error instanceof FunctionError) return false;
    throw error;
  }
}
