import { fixed, functionTable } from "../function.ts";
import { byteLength, decodeBytes, encodeBytes, isAscii, sliceBytes } from "../value/bytes.ts";
import { isLower, isSpace, isUpper, mapCharacters, toLower, toTitle, toUpper } from "./characters.ts";
import { toKebabCase, toPascalCase, toSnakeCase } from "./case.ts";

/** Changes the first character of every word. */
function changeInitials(text: string, change: (character: string) => string): string {
  let isStart = true;
  return mapCharacters(text, (character) => {
    if (isSpace(character)) {
      isStart = true;
      return character;
    }
    const changed = isStart ? change(character) : character;
    isStart = false;
    return changed;
  });
}

/** Go's `strings.Title`, whose words also begin behind punctuation, but not behind `_` and digits. */
function title(text: string): string {
  let previous = " ";
  return mapCharacters(text, (character) => {
    const isInside = /[0-9A-Za-z_]/.test(previous) || (!isAscii(previous) && /[\p{L}\p{Nd}]/u.test(previous));
    const isBoundary = isAscii(previous) ? !isInside : !isInside && isSpace(previous);
    previous = character;
    return isBoundary ? toTitle(character) : character;
  });
}

function swapCase(text: string): string {
  return mapCharacters(text, (character) => {
    if (isUpper(character) || /^\p{Lt}$/u.test(character)) return toLower(character);
    return isLower(character) ? toUpper(character) : character;
  });
}

/** Sprig reads bytes as characters here: what is not ASCII comes out as Latin-1. */
function latin1(text: string): string {
  return String.fromCharCode(...encodeBytes(text));
}

function removeSpace(text: string): string {
  const characters = Array.from(latin1(text));
  const kept = characters.filter((character) => !isSpace(character));
  return kept.length === characters.length ? text : kept.join("");
}

function initials(text: string): string {
  let isGap = true;
  return Array.from(latin1(text))
    .filter((character) => {
      const isInitial = isGap && !isSpace(character);
      isGap = isSpace(character);
      return isInitial;
    })
    .join("");
}

/** Counts bytes, as Sprig does. */
function abbreviate(text: string, offset: number, width: number): string {
  if (width < 4 || text === "") return "";
  const length = byteLength(text);
  if (length <= width) return text;
  let start = Math.min(offset, length);
  if (length - start < width - 3) start = length - (width - 3);
  if (start <= 4) return `${sliceBytes(text, 0, width - 3)}...`;
  if (width < 7) return "";
  if (start + (width - 3) < length) return `...${abbreviate(sliceBytes(text, start), 0, width - 3)}`;
  return `...${sliceBytes(text, length - (width - 3))}`;
}

interface WrapOptions {
  readonly width: number;
  readonly newline: string;
  readonly breaksWords: boolean;
}

function wrap(text: string, { width, newline, breaksWords }: WrapOptions): string {
  const columns = Math.max(width, 1);
  const bytes = Buffer.from(encodeBytes(text));
  const lines: Uint8Array[] = [];
  const separator = encodeBytes(newline === "" ? "\n" : newline);
  let at = 0;
  while (bytes.length - at > columns) {
    if (bytes[at] === 0x20) {
      at++;
      continue;
    }
    const space = bytes.subarray(at, at + columns + 1).lastIndexOf(0x20);
    const next = space >= 0 ? -1 : bytes.indexOf(0x20, at + columns);
    const end = space >= 0 ? at + space : breaksWords ? at + columns : next < 0 ? bytes.length : next;
    lines.push(bytes.subarray(at, end));
    if (space < 0 && !breaksWords && next < 0) return decode(lines);
    lines.push(separator);
    at = space >= 0 || !breaksWords ? end + 1 : end;
  }
  return decode([...lines, bytes.subarray(at)]);
}

function decode(parts: readonly Uint8Array[]): string {
  return decodeBytes(Buffer.concat(parts));
}

export const wordFunctions = functionTable({
  upper: fixed(["string"], (text) => mapCharacters(text, toUpper)),
  lower: fixed(["string"], (text) => mapCharacters(text, toLower)),
  title: fixed(["string"], title),
  untitle: fixed(["string"], (text) => changeInitials(text, toLower)),
  swapcase: fixed(["string"], swapCase),
  nospace: fixed(["string"], removeSpace),
  initials: fixed(["string"], initials),
  snakecase: fixed(["string"], toSnakeCase),
  kebabcase: fixed(["string"], toKebabCase),
  camelcase: fixed(["string"], toPascalCase),
  abbrev: fixed(["int", "string"], (width, text) => (width < 4 ? text : abbreviate(text, 0, width))),
  abbrevboth: fixed(["int", "int", "string"], (left, right, text) =>
    right < 4 || (left > 0 && right < 7) ? text : abbreviate(text, left, right),
  ),
  wrap: fixed(["int", "string"], (width, text) => wrap(text, { width, newline: "", breaksWords: false })),
  wrapWith: fixed(["int", "string", "string"], (width, newline, text) =>
    wrap(text, { width, newline, breaksWords: true }),
  ),
});
