import { deepCopy } from "../sprig/deep.ts";
import type { GoMap, Value } from "../value/value.ts";
import type { Chart } from "./chart.ts";
import { ChartError } from "./errors.ts";

const GLOBAL = "global";

/**
 * The values that a chart and its sub-charts see: `values` over the charts' own defaults. Null in `values` removes a
 * default; with `keepsNull` it stays, for values that are coalesced again later.
 */
export function coalesceValues(chart: Chart, values: GoMap, keepsNull = false): GoMap {
  return coalesceChart(chart, copyMap(values), keepsNull);
}

export function copyMap(map: GoMap): GoMap {
  const copy = deepCopy(map);
  return copy instanceof Map ? copy : new Map();
}

function coalesceChart(chart: Chart, target: GoMap, keepsNull: boolean): GoMap {
  takeDefaults(chart, target, keepsNull);
  for (const dependency of chart.dependencies) {
    const { name } = dependency.metadata;
    const inner = target.has(name) ? target.get(name) : new Map<string, Value>();
    if (!(inner instanceof Map)) throw new ChartError(`Cannot use the values of chart "${name}": they are no map`);
    target.set(name, inner);
    passGlobals(inner, target);
    coalesceChart(dependency, inner, keepsNull);
  }
  return target;
}

function takeDefaults(chart: Chart, target: GoMap, keepsNull: boolean): void {
  for (const [key, fallback] of copyMap(chart.values)) {
    const value = target.get(key);
    if (!target.has(key)) target.set(key, fallback);
    else if (value === null && !keepsNull) target.delete(key);
    else if (value instanceof Map && fallback instanceof Map) {
      const isChart = chart.dependencies.some(({ metadata }) => metadata.name === key);
      coalesceTables(value, fallback, keepsNull || isChart);
    }
  }
}

/** Fills `target` with what it lacks of `source`. Null in the target removes what the source holds. */
export function coalesceTables(target: GoMap, source: GoMap, keepsNull: boolean): GoMap {
  for (const [key, item] of source) {
    const value = target.get(key);
    if (!target.has(key)) target.set(key, item);
    else if (value === null && !keepsNull && item !== null) target.delete(key);
    else if (value instanceof Map && item instanceof Map) coalesceTables(value, item, keepsNull);
  }
  return target;
}

/** Globals of the parent win over those of the sub-chart. */
function passGlobals(target: GoMap, source: GoMap): void {
  const globals = source.has(GLOBAL) ? source.get(GLOBAL) : new Map<string, Value>();
  const own = target.has(GLOBAL) ? target.get(GLOBAL) : new Map<string, Value>();
  if (!(globals instanceof Map) || !(own instanceof Map)) return;
  for (const [key, item] of globals) {
    const value = own.get(key);
    if (!(item instanceof Map)) {
      if (!(value instanceof Map)) own.set(key, item);
    } else if (!own.has(key)) own.set(key, new Map(item));
    else if (value instanceof Map) own.set(key, coalesceTables(new Map(item), value, true));
  }
  target.set(GLOBAL, own);
}
