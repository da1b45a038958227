import { quote, unquote } from "../value/quote.ts";
import type { CommandNode, OperandNode, PipeNode, VariableNode } from "./node.ts";
import { parseNumberLiteral } from "./number-literal.ts";
import { renderNode } from "./render-node.ts";
import type { TokenReader } from "./token-reader.ts";
import type { Token, TokenType } from "./token.ts";

const MAX_PARENTHESES = 1000;
/** Parses what stands between the delimiters of one template: pipelines, their commands and operands. */
export class ExpressionParser {
  readonly #tokens: TokenReader;
  readonly #hasFunction: (name: string) => boolean;
  /** The variables in scope; a statement that ends a scope shortens it again. */
  readonly variables: string[] = ["$"];
  #parenthesisDepth = 0;

  constructor(tokens: TokenReader, hasFunction: (name: string) => boolean) {
    this.#tokens = tokens;
    this.#hasFunction = hasFunction;
  }

  pipeline(context: string, end: TokenType): PipeNode {
    const { offset } = this.#tokens.peekNonSpace();
    const { declarations, isAssignment } = this.#declarations(context);
    const commands: CommandNode[] = [];
    for (;;) {
      const token = this.#tokens.nextNonSpace();
      if (token.type === end) break;
      if (!this.#terms[token.type]) this.#tokens.unexpected(token, context);
      this.#tokens.unread(token);
      commands.push(this.#command());
    }
    this.#checkPipeline(commands, context);
    return { kind: "pipe", offset, declarations, isAssignment, commands };
  }

  #checkPipeline(commands: readonly CommandNode[], context: string): void {
    if (commands.length === 0) this.#tokens.fail(`missing value for ${context}`);
    const wrong = commands.findIndex(
      ({ operands }, index) => index > 0 && ["bool", "dot", "nil", "number", "string"].includes(operands[0].kind),
    );
    if (wrong > 0) this.#tokens.fail(`non executable command in pipeline stage ${wrong + 1}`);
  }

  #declarations(context: string): Pick<PipeNode, "declarations" | "isAssignment"> {
    const declarations: VariableNode[] = [];
    for (;;) {
      const variable = this.#tokens.peekNonSpace();
      if (variable.type !== "variable") return { declarations, isAssignment: false };
      this.#tokens.next();
      const adjacent = this.#tokens.peek();
      const next = this.#tokens.peekNonSpace();
      const isList = next.type === "char" && next.text === ",";
      if (!isList && next.type !== "=" && next.type !== ":=") {
        if (adjacent.type === "space") this.#tokens.unread(adjacent);
        this.#tokens.unread(variable);
        return { declarations, isAssignment: false };
      }
      this.#tokens.nextNonSpace();
      declarations.push({ kind: "variable", offset: variable.offset, names: [variable.text] });
      this.variables.push(variable.text);
      if (!isList) return { declarations, isAssignment: next.type === "=" };
      this.#checkSecondVariable(context, declarations.length);
    }
  }

  #checkSecondVariable(context: string, count: number): void {
    if (context !== "range" || count >= 2) this.#tokens.fail(`too many declarations in ${context}`);
    const next = this.#tokens.peekNonSpace().type;
    if (next !== "variable" && next !== "right-delimiter" && next !== ")") {
      this.#tokens.fail("range can only initialize variables");
    }
  }

  #command(): CommandNode {
    const { offset } = this.#tokens.peekNonSpace();
    const operands: OperandNode[] = [];
    for (;;) {
      this.#tokens.peekNonSpace();
      const operand = this.#operand();
      if (operand) operands.push(operand);
      const token = this.#tokens.next();
      if (token.type === "space") continue;
      if (token.type === "right-delimiter" || token.type === ")") this.#tokens.unread(token);
      else if (token.type !== "|") this.#tokens.unexpected(token, "operand");
      break;
    }
    const [first, ...rest] = operands;
    if (!first) return this.#tokens.fail("empty command");
    return { kind: "command", offset, operands: [first, ...rest] };
  }

  /** A term and the fields that follow it. */
  #operand(): OperandNode | undefined {
    const term = this.#term();
    const first = this.#tokens.peek();
    if (!term || first.type !== "field") return term;
    const names: string[] = [];
    while (this.#tokens.peek().type === "field") names.push(this.#tokens.next().text.slice(1));
    switch (term.kind) {
      case "field":
        return { kind: "field", offset: first.offset, names: [...term.names, ...names] };
      case "variable":
        return { kind: "variable", offset: first.offset, names: [...term.names, ...names] };
      case "bool":
      case "string":
      case "number":
      case "nil":
      case "dot":
        return this.#tokens.fail(`unexpected . after term ${quote(renderNode(term))}`);
      case "chain":
      case "identifier":
      case "pipe":
      default:
        return { kind: "chain", offset: first.offset, operand: term, names };
    }
  }

  #term(): OperandNode | undefined {
    const token = this.#tokens.nextNonSpace();
    const parse = this.#terms[token.type];
    if (parse) return parse(token);
    this.#tokens.unread(token);
    return undefined;
  }

  readonly #terms: Partial<Readonly<Record<TokenType, (token: Token) => OperandNode>>> = {
    identifier: ({ offset, text }) => {
      if (!this.#hasFunction(text)) this.#tokens.fail(`function ${quote(text)} not defined`);
      return { kind: "identifier", offset, name: text };
    },
    variable: ({ offset, text }) => {
      if (!this.variables.includes(text)) this.#tokens.fail(`undefined variable ${quote(text)}`);
      return { kind: "variable", offset, names: [text] };
    },
    field: ({ offset, text }) => ({ kind: "field", offset, names: [text.slice(1)] }),
    ".": ({ offset }) => ({ kind: "dot", offset }),
    nil: ({ offset }) => ({ kind: "nil", offset }),
    bool: ({ offset, text }) => ({ kind: "bool", offset, value: text === "true" }),
    string: (token) => this.#string(token),
    "raw-string": (token) => this.#string(token),
    character: (token) => this.#number(token),
    complex: (token) => this.#number(token),
    number: (token) => this.#number(token),
    "(": () => this.#parenthesis(),
  };

  #string({ offset, text }: Token): OperandNode {
    return { kind: "string", offset, quoted: text, value: unquote(text) ?? this.#tokens.fail("invalid syntax") };
  }

  #number(token: Token): OperandNode {
    const number = parseNumberLiteral(token);
    return typeof number === "string" ? this.#tokens.fail(number) : number;
  }

  #parenthesis(): PipeNode {
    if (this.#parenthesisDepth >= MAX_PARENTHESES) this.#tokens.fail("max expression depth exceeded");
    this.#parenthesisDepth++;
    const pipe = this.pipeline("parenthesized pipeline", ")");
    this.#parenthesisDepth--;
    return pipe;
  }
}
