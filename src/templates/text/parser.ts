import { quote, unquote } from "../value/quote.ts";
import { ExpressionParser } from "./expression-parser.ts";
import type { Delimiters } from "./lexer.ts";
import type { BranchNode, ListNode, LoopControlNode, StatementNode, TemplateNode } from "./node.ts";
import { TokenReader } from "./token-reader.ts";
import type { Token, TokenType } from "./token.ts";

/** One template of a file: the file's own or one that it defines. */
export interface Tree {
  readonly name: string;
  /** Name and text of the file it was read from. */
  readonly fileName: string;
  readonly source: string;
  readonly root: ListNode;
}

export interface ParserOptions {
  readonly name: string;
  readonly delimiters?: Delimiters | undefined;
  readonly hasFunction: (name: string) => boolean;
}

/** `{{else}}` and `{{end}}` close a list and are no statements of their own. */
interface Closing {
  readonly kind: "end" | "else";
  readonly offset: number;
}

/** What belongs to one template and not to those defined inside it. */
interface Scope {
  readonly expressions: ExpressionParser;
  rangeDepth: number;
}

const MAX_DEPTH = 500;

/** Parses a file into its templates, its own last. @throws {TemplateError} with Go's message. */
export function parseTrees(source: string, options: ParserOptions): readonly Tree[] {
  return new Parser(source, options).parse();
}

/** Whether the template holds nothing but blanks: it then never replaces another one of its name. */
export function isEmptyTree(root: ListNode): boolean {
  return root.nodes.every((node) => node.kind === "text" && node.text.trim() === "");
}

class Parser {
  readonly #source: string;
  readonly #options: ParserOptions;
  readonly #tokens: TokenReader;
  readonly #trees = new Map<string, Tree>();
  #scope: Scope;
  #depth = 0;

  constructor(source: string, options: ParserOptions) {
    this.#source = source;
    this.#options = options;
    this.#tokens = new TokenReader(options.name, source, {
      delimiters: options.delimiters ?? { left: "{{", right: "}}" },
      breakIsKeyword: !options.hasFunction("break"),
      continueIsKeyword: !options.hasFunction("continue"),
    });
    this.#scope = this.#newScope();
  }

  parse(): readonly Tree[] {
    const offset = this.#tokens.peek().offset;
    const nodes: StatementNode[] = [];
    while (this.#tokens.peek().type !== "eof") {
      if (this.#definition()) continue;
      const node = this.#textOrAction();
      if (isClosing(node)) this.#tokens.fail(`unexpected {{${node.kind}}}`);
      nodes.push(node);
    }
    this.#add(this.#options.name, { kind: "list", offset, nodes });
    return [...this.#trees.values()];
  }

  #add(name: string, root: ListNode): void {
    const known = this.#trees.get(name);
    const tree = { name, fileName: this.#options.name, source: this.#source, root };
    if (!known || isEmptyTree(known.root)) this.#trees.set(name, tree);
    else if (!isEmptyTree(root)) this.#tokens.fail(`template: multiple definition of template ${quote(name)}`);
  }

  /** Takes `{{define}}`, which only stands at the top of a file; false when there is none. */
  #definition(): boolean {
    if (this.#tokens.peek().type !== "left-delimiter") return false;
    const delimiter = this.#tokens.next();
    const keyword = this.#tokens.nextNonSpace();
    if (keyword.type !== "define") {
      this.#tokens.unread(keyword);
      this.#tokens.unread(delimiter);
      return false;
    }
    const context = "define clause";
    const outer = this.#scope;
    this.#scope = this.#newScope();
    const name = this.#tokens.nextNonSpace();
    const definedName = this.#templateName(name, context);
    this.#tokens.expect("right-delimiter", context);
    this.#add(definedName, this.#listUpToEnd(context));
    this.#scope = outer;
    return true;
  }

  #listUpToEnd(context: string): ListNode {
    const [list, closing] = this.#list();
    if (closing.kind !== "end") this.#tokens.fail(`unexpected {{${closing.kind}}} in ${context}`);
    return list;
  }

  #list(): [ListNode, Closing] {
    const offset = this.#tokens.peekNonSpace().offset;
    const nodes: StatementNode[] = [];
    while (this.#tokens.peekNonSpace().type !== "eof") {
      const node = this.#textOrAction();
      if (isClosing(node)) return [{ kind: "list", offset, nodes }, node];
      nodes.push(node);
    }
    return this.#tokens.fail("unexpected EOF");
  }

  #textOrAction(): StatementNode | Closing {
    const token = this.#tokens.nextNonSpace();
    if (token.type === "text") return { kind: "text", offset: token.offset, text: token.text };
    if (token.type !== "left-delimiter") this.#tokens.unexpected(token, "input");
    this.#tokens.actionLine = token.line;
    const node = this.#action();
    this.#tokens.actionLine = 0;
    return node;
  }

  #action(): StatementNode | Closing {
    const token = this.#tokens.nextNonSpace();
    const parse = this.#statements[token.type];
    if (parse) return parse(token);
    this.#tokens.unread(token);
    const pipe = this.#scope.expressions.pipeline("command", "right-delimiter");
    return { kind: "action", offset: token.offset, pipe };
  }

  readonly #statements: Partial<Readonly<Record<TokenType, (token: Token) => StatementNode | Closing>>> = {
    block: () => this.#block(),
    break: (token) => this.#loopControl("break", token),
    continue: (token) => this.#loopControl("continue", token),
    else: () => this.#else(),
    end: () => ({ kind: "end", offset: this.#tokens.expect("right-delimiter", "end").offset }),
    if: () => this.#branch("if"),
    range: () => this.#branch("range"),
    with: () => this.#branch("with"),
    template: () => this.#template(),
  };

  #loopControl(kind: "break" | "continue", { offset }: Token): LoopControlNode {
    const token = this.#tokens.nextNonSpace();
    if (token.type !== "right-delimiter") this.#tokens.unexpected(token, `{{${kind}}}`);
    if (this.#scope.rangeDepth === 0) this.#tokens.fail(`{{${kind}}} outside {{range}}`);
    return { kind, offset };
  }

  #else(): Closing {
    const next = this.#tokens.peekNonSpace();
    if (next.type === "if" || next.type === "with") return { kind: "else", offset: next.offset };
    return { kind: "else", offset: this.#tokens.expect("right-delimiter", "else").offset };
  }

  #branch(kind: "if" | "with" | "range"): BranchNode {
    if (++this.#depth > MAX_DEPTH) this.#tokens.fail("max statement depth exceeded");
    const scope = this.#scope;
    const depth = scope.expressions.variables.length;
    const pipe = this.#scope.expressions.pipeline(kind, "right-delimiter");
    if (kind === "range") scope.rangeDepth++;
    const [list, closing] = this.#list();
    if (kind === "range") scope.rangeDepth--;
    const elseList = closing.kind === "else" ? this.#elseList(kind, closing) : undefined;
    scope.expressions.variables.length = depth;
    this.#depth--;
    return { kind, offset: pipe.offset, pipe, list, elseList };
  }

  #elseList(kind: "if" | "with" | "range", { offset }: Closing): ListNode {
    if (kind !== "range" && this.#tokens.peek().type === kind) {
      this.#tokens.next();
      return { kind: "list", offset, nodes: [this.#branch(kind)] };
    }
    const [list, closing] = this.#list();
    if (closing.kind !== "end") this.#tokens.fail(`expected end; found {{${closing.kind}}}`);
    return list;
  }

  #block(): TemplateNode {
    const context = "block clause";
    const token = this.#tokens.nextNonSpace();
    const name = this.#templateName(token, context);
    const pipe = this.#scope.expressions.pipeline(context, "right-delimiter");
    const outer = this.#scope;
    this.#scope = this.#newScope();
    this.#add(name, this.#listUpToEnd(context));
    this.#scope = outer;
    return { kind: "template", offset: token.offset, name, pipe };
  }

  #template(): TemplateNode {
    const context = "template clause";
    const token = this.#tokens.nextNonSpace();
    const name = this.#templateName(token, context);
    const next = this.#tokens.nextNonSpace();
    if (next.type === "right-delimiter") return { kind: "template", offset: token.offset, name, pipe: undefined };
    this.#tokens.unread(next);
    return {
      kind: "template",
      offset: token.offset,
      name,
      pipe: this.#scope.expressions.pipeline(context, "right-delimiter"),
    };
  }

  #templateName(token: Token, context: string): string {
    if (token.type !== "string" && token.type !== "raw-string") this.#tokens.unexpected(token, context);
    return unquote(token.text) ?? this.#tokens.fail("invalid syntax");
  }

  #newScope(): Scope {
    return { expressions: new ExpressionParser(this.#tokens, this.#options.hasFunction), rangeDepth: 0 };
  }
}

function isClosing(node: StatementNode | Closing): node is Closing {
  return node.kind === "end" || node.kind === "else";
}
