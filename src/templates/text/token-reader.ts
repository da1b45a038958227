import { TemplateError } from "../error.ts";
import { Lexer } from "./lexer.ts";
import type { LexerOptions } from "./lexer.ts";
import { renderToken } from "./token.ts";
import type { Token, TokenType } from "./token.ts";

/** The tokens of one file with as much look-ahead as the grammar needs, and the parser's error messages. */
export class TokenReader {
  readonly #name: string;
  readonly #lexer: Lexer;
  readonly #pending: Token[] = [];
  #line = 1;
  /** Line on which the current action began, 0 outside of one. */
  actionLine = 0;

  constructor(name: string, source: string, options: LexerOptions) {
    this.#name = name;
    this.#lexer = new Lexer(source, options);
  }

  next(): Token {
    const pending = this.#pending.pop();
    if (pending) return pending;
    const token = this.#lexer.next();
    this.#line = token.line;
    return token;
  }

  /** Gives a token back; the last one given back is read first. */
  unread(token: Token): void {
    this.#pending.push(token);
  }

  peek(): Token {
    const token = this.next();
    this.unread(token);
    return token;
  }

  nextNonSpace(): Token {
    let token = this.next();
    while (token.type === "space") token = this.next();
    return token;
  }

  peekNonSpace(): Token {
    const token = this.nextNonSpace();
    this.unread(token);
    return token;
  }

  expect(type: TokenType, context: string): Token {
    const token = this.nextNonSpace();
    return token.type === type ? token : this.unexpected(token, context);
  }

  unexpected(token: Token, context: string): never {
    if (token.type !== "error") this.fail(`unexpected ${renderToken(token)} in ${context}`);
    const isElsewhere = this.actionLine !== 0 && this.actionLine !== token.line;
    const started = isElsewhere ? ` started at ${this.#name}:${this.actionLine}` : "";
    const inAction = isElsewhere && !token.text.endsWith(" action") ? " in action" : "";
    this.fail(token.text + inAction + started);
  }

  fail(message: string): never {
    throw new TemplateError(`template: ${this.#name}:${this.#line}: ${message}`, {
      template: this.#name,
      line: this.#line,
    });
  }
}
