import { FunctionError, TemplateError } from "../error.ts";
import { fixed, functionTable, mergeFunctions, overlayFunctions } from "../function.ts";
import type { FunctionTable } from "../function.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import { compareStrings, decodeBytes } from "../value/bytes.ts";
import { quote } from "../value/quote.ts";
import type { GoMap, Value } from "../value/value.ts";
import { executeIn } from "../text/execute.ts";
import type { Session } from "../text/frame.ts";
import { TemplateSet } from "../text/template.ts";
import type { Chart } from "./chart.ts";
import { ChartObject } from "./chart-object.ts";
import { ChartValues } from "./chart-values.ts";
import { Files } from "./files.ts";

/** What all templates of a chart see besides the chart itself. */
export interface RenderContext {
  readonly release: GoMap;
  readonly capabilities: Value;
  readonly values: GoMap;
  readonly functions: FunctionTable;
}

interface Renderable {
  readonly text: string;
  readonly data: GoMap;
  readonly basePath: string;
}

const MAX_NESTED_INCLUDES = 1000;
const NO_VALUE = "<no value>";
const ROOT_NAME = "gotpl";

/** Renders every template of the chart and its sub-charts but the partials; keys are paths with the charts' names. */
export function renderTemplates(chart: Chart, context: RenderContext): ReadonlyMap<string, string> {
  const renderables = new Map<string, Renderable>();
  collect(chart, { path: chart.metadata.name, values: context.values, isRoot: true }, context, renderables);
  const engine = new Engine(context.functions);
  const names = [...renderables.keys()].sort((a, b) => depthOf(b) - depthOf(a) || compareStrings(b, a));
  for (const name of names) engine.parse(name, renderables.get(name)?.text ?? "");
  const rendered = new Map<string, string>();
  for (const name of names) {
    const renderable = renderables.get(name);
    if (!renderable || name.slice(name.lastIndexOf("/") + 1).startsWith("_")) continue;
    renderable.data.set(
      "Template",
      new Map([
        ["Name", name],
        ["BasePath", renderable.basePath],
      ]),
    );
    rendered.set(name, engine.render(name, renderable.data));
  }
  return rendered;
}

function depthOf(path: string): number {
  return path.split("/").length;
}

interface Place {
  readonly path: string;
  readonly values: Value;
  readonly isRoot: boolean;
}

function collect(chart: Chart, place: Place, context: RenderContext, into: Map<string, Renderable>): GoMap {
  const values = place.values instanceof Map ? place.values : new Map<string, Value>();
  const subcharts: GoMap = new Map();
  const data: GoMap = new Map<string, Value>([
    ["Chart", new ChartObject(chart.metadata, place.isRoot)],
    ["Files", Files.of(chart.files)],
    ["Release", context.release],
    ["Capabilities", context.capabilities],
    ["Values", new ChartValues(values)],
    ["Subcharts", subcharts],
  ]);
  for (const dependency of chart.dependencies) {
    const { name } = dependency.metadata;
    const inner = { path: `${place.path}/charts/${name}`, values: values.get(name), isRoot: false };
    subcharts.set(name, collect(dependency, inner, context, into));
  }
  const isLibrary = chart.metadata.type === "library";
  for (const { name, data: bytes } of chart.templates) {
    if (isLibrary && !name.slice(name.lastIndexOf("/") + 1).startsWith("_")) continue;
    into.set(`${place.path}/${name}`, { text: decodeBytes(bytes), data, basePath: `${place.path}/templates` });
  }
  return data;
}

/** The functions that need the set of templates: `include` and `tpl`. */
class Engine {
  readonly #set: TemplateSet;
  readonly #included = new Map<string, number>();
  readonly #functions: FunctionTable;
  readonly #sessions = new WeakMap<TemplateSet, Session>();
  readonly #budget = { steps: DEFAULT_LIMITS.steps };

  constructor(functions: FunctionTable) {
    this.#functions = functions;
    this.#set = new TemplateSet(mergeFunctions(functions, placeholders));
  }

  parse(name: string, text: string): void {
    this.#set.parse(name, text);
  }

  render(name: string, data: Value): string {
    this.#budget.steps = DEFAULT_LIMITS.steps;
    return executeIn(this.#sessionOf(this.#set), name, data, 0).replaceAll(NO_VALUE, "");
  }

  #session(set: TemplateSet): Session {
    const own = functionTable({
      include: fixed(["string", "any"], (name, data) => this.#include(set, name, data)),
      tpl: fixed(["string", "any"], (text, data) => this.#tpl(set, text, data)),
    });
    const functions = overlayFunctions(own, this.#functions);
    return { set, functions, missingKey: "zero", limits: DEFAULT_LIMITS, budget: this.#budget };
  }

  #sessionOf(set: TemplateSet): Session {
    const known = this.#sessions.get(set);
    if (known) return known;
    const session = this.#session(set);
    this.#sessions.set(set, session);
    return session;
  }

  #include(set: TemplateSet, name: string, data: Value): string {
    const count = this.#included.get(name) ?? 0;
    if (count > MAX_NESTED_INCLUDES) {
      throw new FunctionError(`rendering template has a nested reference name: ${name}: unable to execute template`);
    }
    this.#included.set(name, count + 1);
    try {
      return executeIn(this.#sessionOf(set), name, data, 0);
    } finally {
      this.#included.set(name, count);
    }
  }

  #tpl(parent: TemplateSet, text: string, data: Value): string {
    const set = parent.child();
    try {
      set.parse(ROOT_NAME, text);
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      throw new FunctionError(`cannot parse template ${quote(text)}: ${error.message}`);
    }
    try {
      return executeIn(this.#sessionOf(set), ROOT_NAME, data, 0).replaceAll(NO_VALUE, "");
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      throw new FunctionError(`error during tpl function execution for ${quote(text)}: ${error.message}`);
    }
  }
}

const placeholders = functionTable({
  include: fixed(["string", "any"], () => ""),
  tpl: fixed(["string", "any"], () => ""),
});
