import { decodeBytes, encodeBytes, isByteEscape } from "./bytes.ts";

const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;
const SIMPLE = /^[ !#-[\]-~]*$/;
const NAMED: Readonly<Record<string, string>> = {
  "\u0007": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
};

/** Go's `strconv.IsPrint`. */
export function isPrint(character: string): boolean {
  return PRINTABLE.test(character);
}

/** Go's `strconv.Quote`, or `QuoteToASCII`. */
export function quote(text: string, asciiOnly = false): string {
  if (SIMPLE.test(text)) return `"${text}"`;
  let quoted = '"';
  for (const character of text) quoted += quoteCharacter(character, '"', asciiOnly);
  return `${quoted}"`;
}

/** Go's `strconv.QuoteRune`. */
export function quoteRune(character: string, asciiOnly = false): string {
  return `'${quoteCharacter(character, "'", asciiOnly)}'`;
}

function quoteCharacter(character: string, delimiter: string, asciiOnly: boolean): string {
  if (character === delimiter || character === "\\") return `\\${character}`;
  const code = character.codePointAt(0) ?? 0;
  if (isPrint(character) && !(asciiOnly && code > 0x7e)) return character;
  const named = NAMED[character];
  if (named !== undefined) return named;
  if (isByteEscape(code)) return `\\x${hex(code - 0xdc00, 2)}`;
  if (code < 0x20 || code === 0x7f) return `\\x${hex(code, 2)}`;
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

function hex(code: number, width: number): string {
  return code.toString(16).padStart(width, "0");
}

/** Whether Go can write the text between back quotes. */
export function canBackquote(text: string): boolean {
  // oxlint-disable-next-line no-control-regex
  return !/[\u0000-\u0008\u000a-\u001f`\u007f\ufeff]|[\udc80-\udcff](?<![\ud800-\udbff].)/.test(text);
}

const ESCAPE_SEQUENCE =
  /\\(?:x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([abfnrtv\\'"])|[^])|[^\\]+/gy;
const SINGLE: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  "'": "'",
  '"': '"',
};

/** Go's `strconv.Unquote` of a string or character literal; undefined is its "invalid syntax". */
export function unquote(literal: string): string | undefined {
  const delimiter = literal[0];
  if (literal.length < 2 || delimiter === undefined || literal.at(-1) !== delimiter) return undefined;
  const body = literal.slice(1, -1);
  if (delimiter === "`") return body.includes("`") ? undefined : body.replaceAll("\r", "");
  if ((delimiter !== '"' && delimiter !== "'") || body.includes("\n")) return undefined;
  const text = unescape(body, delimiter);
  if (delimiter === "'" && text !== undefined && Array.from(text).length !== 1) return undefined;
  return text;
}

function unescape(body: string, delimiter: string): string | undefined {
  if (!body.includes("\\")) return body.includes(delimiter) ? undefined : body;
  const bytes: Uint8Array[] = [];
  ESCAPE_SEQUENCE.lastIndex = 0;
  for (const match of body.matchAll(ESCAPE_SEQUENCE)) {
    const part = unescapeOne(match, delimiter);
    if (part === undefined) return undefined;
    bytes.push(part);
  }
  return decodeBytes(Buffer.concat(bytes));
}

function unescapeOne(match: RegExpExecArray, delimiter: string): Uint8Array | undefined {
  const [all, hexByte, octal, short, long, single] = match;
  if (!all.startsWith("\\")) return all.includes(delimiter) ? undefined : encodeBytes(all);
  if (hexByte !== undefined) return escapedByte(Number.parseInt(hexByte, 16), delimiter);
  if (octal !== undefined) return escapedByte(Number.parseInt(octal, 8), delimiter);
  if (single !== undefined) {
    if ((single === "'" || single === '"') && single !== delimiter) return undefined;
    return encodeBytes(SINGLE[single] ?? "");
  }
  const code = Number.parseInt(short ?? long ?? "", 16);
  if (!(code <= 0x10ffff) || (code >= 0xd800 && code <= 0xdfff)) return undefined;
  return encodeBytes(String.fromCodePoint(code));
}

function escapedByte(value: number, delimiter: string): Uint8Array | undefined {
  if (value > 255) return undefined;
  return delimiter === "'" ? encodeBytes(String.fromCharCode(value)) : Uint8Array.of(value);
}
