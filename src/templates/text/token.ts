import { quote } from "../value/quote.ts";

export type TokenType =
  | "error"
  | "bool"
  | "char"
  | "character"
  | "complex"
  | "="
  | ":="
  | "eof"
  | "field"
  | "identifier"
  | "left-delimiter"
  | "("
  | "number"
  | "|"
  | "raw-string"
  | "right-delimiter"
  | ")"
  | "space"
  | "string"
  | "text"
  | "variable"
  | Keyword;

/** The words that the grammar keeps for itself, and the dot. */
export type Keyword =
  | "."
  | "block"
  | "break"
  | "continue"
  | "define"
  | "else"
  | "end"
  | "if"
  | "nil"
  | "range"
  | "template"
  | "with";

const KEYWORDS: ReadonlySet<string> = new Set<Keyword>([
  ".",
  "block",
  "break",
  "continue",
  "define",
  "else",
  "end",
  "if",
  "nil",
  "range",
  "template",
  "with",
]);

export function isKeyword(word: string): word is Keyword {
  return KEYWORDS.has(word);
}

export interface Token {
  readonly type: TokenType;
  /** Offset in the source. */
  readonly offset: number;
  /** The token's text; of an error token the message. */
  readonly text: string;
  readonly line: number;
}

/** The token as Go's error messages show it. */
export function renderToken({ type, text }: Token): string {
  if (type === "eof") return "EOF";
  if (type === "error") return text;
  if (isKeyword(type)) return `<${text}>`;
  const characters = Array.from(text);
  return characters.length > 10 ? `${quote(characters.slice(0, 10).join(""))}...` : quote(text);
}
