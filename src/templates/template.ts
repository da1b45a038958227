import { mergeFunctions } from "./function.ts";
import type { FunctionTable } from "./function.ts";
import { clusterFunctions } from "./standard-functions.ts";
import { builtins } from "./text/builtins.ts";
import { execute } from "./text/execute.ts";
import type { ExecuteOptions } from "./text/execute.ts";
import type { Delimiters } from "./text/lexer.ts";
import { TemplateSet } from "./text/template.ts";
import { toValue } from "./value/to-value.ts";

const defaultFunctions = mergeFunctions(builtins, clusterFunctions());

export interface ParseOptions {
  /** Shown in error messages, usually the file's path. */
  readonly name: string;
  readonly delimiters?: Delimiters | undefined;
  /** What the template may call besides Go's own functions; without it everything that cluster images may use. */
  readonly functions?: FunctionTable | undefined;
}

/** A parsed template, ready to be rendered any number of times. */
export interface Template {
  readonly name: string;
  readonly set: TemplateSet;
}

/** @throws {TemplateError} naming template and line. */
export function parseTemplate(text: string, { name, delimiters, functions }: ParseOptions): Template {
  const set = new TemplateSet(functions ? mergeFunctions(builtins, functions) : defaultFunctions, delimiters);
  set.parse(name, text);
  return { name, set };
}

/**
 * Renders the template. `data` is the dot: plain JavaScript data or a value of {@link toValue}.
 * @throws {TemplateError} naming template, line, column and the failing expression.
 */
export function renderTemplate(template: Template, data: unknown, options: ExecuteOptions = {}): string {
  return execute(template.set, template.name, toValue(data), options);
}
