import type { GoMap, Value } from "../value/value.ts";
import type { Chart } from "./chart.ts";
import { coalesceTables, coalesceValues, copyMap } from "./coalesce.ts";
import { isInRange } from "./metadata.ts";
import type { Dependency } from "./metadata.ts";

/** The chart with those sub-charts that are enabled under the values, by their aliases, and with imported values. */
export function processDependencies(chart: Chart, values: GoMap): Chart {
  return importValues(enableDependencies(chart, values, ""));
}

function enableDependencies(chart: Chart, values: GoMap, path: string): Chart {
  const requirements = chart.metadata.dependencies;
  if (!requirements) return chart;
  const others = chart.dependencies.filter(
    (dependency) => !requirements.some((requirement) => isMeant(dependency, requirement)),
  );
  const wanted = requirements.flatMap((requirement) => {
    const found = chart.dependencies.find((dependency) => isMeant(dependency, requirement));
    return found ? [renamed(found, requirement.alias)] : [];
  });
  const known = requirements.map((requirement) => ({ ...requirement, name: requirement.alias || requirement.name }));
  const all = { ...chart, dependencies: [...others, ...wanted] };
  const coalesced = coalesceValues(all, values);
  const enabled = known.filter((requirement) => isEnabled(requirement, coalesced, path));
  const disabled = new Set(known.filter((requirement) => !enabled.includes(requirement)).map(({ name }) => name));
  const dependencies = all.dependencies
    .filter(({ metadata }) => !disabled.has(metadata.name))
    .map((dependency) => enableDependencies(dependency, coalesced, `${path}${dependency.metadata.name}.`));
  return { ...chart, metadata: { ...chart.metadata, dependencies: enabled }, dependencies };
}

function isMeant({ metadata }: Chart, requirement: Dependency): boolean {
  return metadata.name === requirement.name && isInRange(requirement.version, metadata.version);
}

function renamed(chart: Chart, alias: string): Chart {
  if (alias === "") return chart;
  const document = new Map(chart.metadata.document).set("name", alias);
  return { ...chart, metadata: { ...chart.metadata, name: alias, document } };
}

/** The first condition that is set decides, then the tags. */
function isEnabled({ condition, tags }: Dependency, values: GoMap, path: string): boolean {
  for (const name of condition.trim().split(",")) {
    const value = name === "" ? undefined : findPath(values, (path + name).split("."));
    if (typeof value === "boolean") return value;
  }
  const table = values.get("tags");
  const set = table instanceof Map ? tags.map((tag) => table.get(tag)) : [];
  return set.includes(true) || !set.includes(false);
}

function findPath(values: GoMap, path: readonly string[]): Value {
  let value: Value = values;
  for (const key of path) {
    if (!(value instanceof Map)) return undefined;
    value = value.get(key);
  }
  return value;
}

function importValues(chart: Chart): Chart {
  const dependencies = chart.dependencies.map(importValues);
  const inner = { ...chart, dependencies };
  const requirements = chart.metadata.dependencies;
  if (!requirements) return inner;
  const values = coalesceValues(inner, new Map(), true);
  const imported: GoMap = new Map();
  for (const { name, importValues: imports } of requirements) {
    for (const entry of imports) {
      const { child, parent } = typeof entry === "string" ? { child: `exports.${entry}`, parent: "." } : entry;
      const table = findPath(values, [name, ...child.split(".")]);
      if (table instanceof Map) coalesceTables(imported, copyMap(nest(parent, table)), true);
    }
  }
  return { ...inner, values: coalesceTables(values, imported, true) };
}

function nest(path: string, table: GoMap): GoMap {
  if (path === ".") return table;
  return path.split(".").reduceRight((inner: GoMap, key) => new Map<string, Value>([[key, inner]]), table);
}
