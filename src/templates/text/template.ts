import type { FunctionTable } from "../function.ts";
import type { Delimiters } from "./lexer.ts";
import { isEmptyTree, parseTrees } from "./parser.ts";
import type { Tree } from "./parser.ts";

/** A set of templates that can call each other. Parsing a file adds the file itself and all that it defines. */
export class TemplateSet {
  readonly functions: FunctionTable;
  readonly #delimiters: Delimiters | undefined;
  readonly #trees = new Map<string, Tree>();
  #parent: TemplateSet | undefined;

  constructor(functions: FunctionTable, delimiters?: Delimiters) {
    this.functions = functions;
    this.#delimiters = delimiters;
  }

  /** Later definitions of a name replace earlier ones, unless they are empty. @throws {TemplateError} */
  parse(name: string, source: string): void {
    const options = { name, delimiters: this.#delimiters, hasFunction: (word: string) => this.functions.has(word) };
    for (const tree of parseTrees(source, options)) {
      if (!this.find(tree.name) || !isEmptyTree(tree.root)) this.#trees.set(tree.name, tree);
    }
  }

  find(name: string): Tree | undefined {
    return this.#trees.get(name) ?? this.#parent?.find(name);
  }

  /** A set that sees this one's templates and can have more and others, without changing this one. */
  child(): TemplateSet {
    const child = new TemplateSet(this.functions, this.#delimiters);
    child.#parent = this;
    return child;
  }
}
