import { TemplateError } from "../error.ts";
import type { FunctionLookup } from "../function.ts";
import type { Limits } from "../limits.ts";
import { byteLength } from "../value/bytes.ts";
import { quote } from "../value/quote.ts";
import type { Value } from "../value/value.ts";
import type { Node } from "./node.ts";
import type { Output } from "./output.ts";
import type { Tree } from "./parser.ts";
import { renderNode } from "./render-node.ts";
import type { TemplateSet } from "./template.ts";

/** What a missing map key gives: no value, the zero value (nil), or an error. */
export type MissingKey = "default" | "zero" | "error";

/** What all templates of one rendering share. */
export interface Session {
  readonly set: TemplateSet;
  readonly functions: FunctionLookup;
  readonly missingKey: MissingKey;
  readonly limits: Limits;
  /** Steps left, counted down. */
  readonly budget: { steps: number };
}

/** A value and whether it was read out of an `interface {}`, which Go's messages show. */
export interface Dot {
  readonly value: Value;
  readonly isBoxed: boolean;
}

interface Variable {
  readonly name: string;
  value: Value;
  isBoxed: boolean;
}

/** One template being executed. */
export class Frame {
  readonly session: Session;
  readonly tree: Tree;
  readonly depth: number;
  readonly output: Output;
  /** Whether the value that was evaluated last came out of an `interface {}`. */
  isBoxed = false;
  #node: Node | undefined;
  readonly #variables: Variable[];

  constructor(
    session: Session,
    tree: Tree,
    data: Value,
    { output, depth }: { readonly output: Output; readonly depth: number },
  ) {
    this.session = session;
    this.tree = tree;
    this.output = output;
    this.depth = depth;
    this.#variables = [{ name: "$", value: data, isBoxed: false }];
  }

  /** Notes where errors are from now on, and counts a step. */
  at(node: Node): void {
    this.#node = node;
    if (--this.session.budget.steps < 0) this.fail(`exceeded the limit of ${this.session.limits.steps} steps`);
  }

  declare(name: string, value: Value): void {
    this.#variables.push({ name, value, isBoxed: false });
  }

  assign(name: string, value: Value, isBoxed: boolean): void {
    const variable = this.variable(name);
    variable.value = value;
    variable.isBoxed = isBoxed;
  }

  /** Sets the variable that was declared last, or `fromTop` before it. */
  assignTop(fromTop: number, value: Value, isBoxed: boolean): void {
    const variable = this.#variables[this.#variables.length - fromTop];
    if (!variable) return;
    variable.value = value;
    variable.isBoxed = isBoxed;
  }

  variable(name: string): Variable {
    for (let index = this.#variables.length - 1; index >= 0; index--) {
      const variable = this.#variables[index];
      if (variable?.name === name) return variable;
    }
    return this.fail(`undefined variable: ${name}`);
  }

  get mark(): number {
    return this.#variables.length;
  }

  /** Forgets the variables declared since the mark was read. */
  popTo(mark: number): void {
    this.#variables.length = mark;
  }

  fail(problem: string, cause?: unknown): never {
    const { name, fileName, source } = this.tree;
    if (!this.#node) throw new TemplateError(`template: ${name}: ${problem}`, { template: name }, { cause });
    const { line, column } = positionOf(source, this.#node.offset);
    const place = `template: ${fileName}:${line}:${column}: executing ${quote(name)} at <${renderNode(this.#node)}>`;
    throw new TemplateError(`${place}: ${problem}`, { template: fileName, line, column }, { cause });
  }
}

function positionOf(source: string, offset: number): { readonly line: number; readonly column: number } {
  const before = source.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  return { line: before.split("\n").length, column: byteLength(before.slice(lineStart)) };
}
