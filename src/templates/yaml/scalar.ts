/** What the characters of a scalar allow. */
export interface ScalarShape {
  readonly isMultiline: boolean;
  readonly allowsPlain: boolean;
  readonly allowsSingleQuotes: boolean;
  readonly allowsBlock: boolean;
}

const BREAK = /[\r\n\u0085\u2028\u2029]/;
const START_INDICATOR = /^(?:---|\.\.\.|[#,[\]{}&*!|>'"%@`]|[?:-](?:[ \t]|$))/;
const INNER_INDICATOR = /.:(?:[ \t]|$)|[ \t\r\n\u0085\u2028\u2029\0]#/s;

export function isBreak(character: string | undefined): boolean {
  return character !== undefined && BREAK.test(character);
}

/** Characters that stand for themselves; tabs and everything beyond the basic plane do not. */
export function isPrintable(character: string): boolean {
  return /^[\n\u0020-\u007e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]$/.test(character);
}

/** What most scalars are; nothing in them can mean anything. */
const ORDINARY = /^[A-Za-z0-9_](?:[A-Za-z0-9_./ -]*[A-Za-z0-9_])?$/;
const ORDINARY_SHAPE: ScalarShape = {
  isMultiline: false,
  allowsPlain: true,
  allowsSingleQuotes: true,
  allowsBlock: true,
};

export function analyze(text: string): ScalarShape {
  if (ORDINARY.test(text)) return ORDINARY_SHAPE;
  if (text === "") return { isMultiline: false, allowsPlain: true, allowsSingleQuotes: true, allowsBlock: false };
  const isMultiline = BREAK.test(text);
  const hasEdge = /^[ \r\n\u0085\u2028\u2029]|[ \r\n\u0085\u2028\u2029]$/.test(text);
  const isSpecial =
    Array.from(text).some((character) => !isPrintable(character)) || / [\r\n\u0085\u2028\u2029]/.test(text);
  const hasBreakSpace = /[\r\n\u0085\u2028\u2029] /.test(text);
  const hasIndicator = START_INDICATOR.test(text) || INNER_INDICATOR.test(text);
  return {
    isMultiline,
    allowsPlain: !hasEdge && !isSpecial && !hasBreakSpace && !isMultiline && !hasIndicator,
    allowsSingleQuotes: !isSpecial && !hasBreakSpace,
    allowsBlock: !isSpecial && !text.endsWith(" "),
  };
}

const NAMED: Readonly<Record<string, string>> = {
  "\0": "0",
  "\u0007": "a",
  "\b": "b",
  "\t": "t",
  "\n": "n",
  "\v": "v",
  "\f": "f",
  "\r": "r",
  "\u001b": "e",
  '"': '"',
  "\\": "\\",
  "\u0085": "N",
  "\u00a0": "_",
  "\u2028": "L",
  "\u2029": "P",
};

/** The character inside double quotes. */
export function escapeCharacter(character: string): string {
  const isPlain = isPrintable(character) && !isBreak(character) && character !== '"' && character !== "\\";
  if (isPlain) return character;
  const named = NAMED[character];
  if (named !== undefined) return `\\${named}`;
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}
