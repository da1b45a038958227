import type { TomlReader } from "./toml-reader.ts";

const ESCAPES: Readonly<Record<string, string>> = {
  b: "\b",
  t: "\t",
  n: "\n",
  f: "\f",
  r: "\r",
  e: "\u001b",
  '"': '"',
  "\\": "\\",
};

/** A string in one of TOML's four forms; keys take only those of one line. */
export function readTomlString(reader: TomlReader, allowsLines: boolean): string {
  if (allowsLines && reader.take('"""')) return readLines(reader, '"""', true);
  if (allowsLines && reader.take("'''")) return readLines(reader, "'''", false);
  const quote = reader.next();
  let text = "";
  for (;;) {
    if (reader.isAtEnd || reader.peek() === "\n") reader.fail("strings cannot contain newlines");
    const character = reader.next();
    if (character === quote) return text;
    text += character === "\\" && quote === '"' ? readEscape(reader) : character;
  }
}

/** The line break behind the opening quotes does not count; up to two quotes may stand before the closing ones. */
function readLines(reader: TomlReader, quotes: string, hasEscapes: boolean): string {
  reader.take("\n");
  let text = "";
  for (;;) {
    if (reader.isAtEnd) reader.fail("unexpected EOF; expected closing quotes");
    if (reader.startsWith(quotes)) {
      const run = reader.match(/"{3,5}|'{3,5}/y)?.[0] ?? quotes;
      return text + run.slice(3);
    }
    const character = reader.next();
    if (character !== "\\" || !hasEscapes) text += character;
    else if (!reader.match(/[ \t]*\n[ \t\n]*/y)) text += readEscape(reader);
  }
}

function readEscape(reader: TomlReader): string {
  const character = reader.next();
  const plain = Object.hasOwn(ESCAPES, character) ? ESCAPES[character] : undefined;
  if (plain !== undefined) return plain;
  const lengths: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };
  const length = Object.hasOwn(lengths, character) ? (lengths[character] ?? 0) : 0;
  const hex = length > 0 ? reader.match(new RegExp(`[0-9A-Fa-f]{${length}}`, "y"))?.[0] : undefined;
  if (hex === undefined) return reader.fail(`invalid escape character '${character}'`);
  const code = Number.parseInt(hex, 16);
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
    reader.fail(`escaped character '\\${character}${hex}' is not a valid rune`);
  return String.fromCodePoint(code);
}
