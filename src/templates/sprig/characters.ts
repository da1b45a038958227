/** Go's `unicode.IsSpace`. */
const SPACE = /[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;
const LEADING_SPACE = new RegExp(`^${SPACE.source}+`);

export function isSpace(character: string): boolean {
  return SPACE.test(character);
}

/** Go's `strings.TrimSpace`. */
export function trimSpace(text: string): string {
  const start = text.replace(LEADING_SPACE, "");
  let end = start.length;
  while (end > 0 && isSpace(start[end - 1] ?? "")) end--;
  return start.slice(0, end);
}

export function isUpper(character: string): boolean {
  return /^\p{Lu}$/u.test(character);
}

export function isLower(character: string): boolean {
  return /^\p{Ll}$/u.test(character);
}

export function isLetter(character: string): boolean {
  return /^\p{L}$/u.test(character);
}

export function isNumber(character: string): boolean {
  return /^\p{N}$/u.test(character);
}

export function isPunctuation(character: string): boolean {
  return /^\p{P}$/u.test(character);
}

/** Go maps one character to one character: where JavaScript gives more, it stays. */
export function toUpper(character: string): string {
  const upper = character.toUpperCase();
  return Array.from(upper).length === 1 ? upper : character;
}

const TITLE: Readonly<Record<string, string>> = { Ǆ: "ǅ", ǆ: "ǅ", Ǉ: "ǈ", ǉ: "ǈ", Ǌ: "ǋ", ǌ: "ǋ", Ǳ: "ǲ", ǳ: "ǲ" };

/** Go's `unicode.ToTitle`: as upper case, but for the letters that are two. */
export function toTitle(character: string): string {
  return TITLE[character] ?? toUpper(character);
}

export function toLower(character: string): string {
  const lower = character.toLowerCase();
  return Array.from(lower).length === 1 ? lower : simpleLower(character);
}

function simpleLower(character: string): string {
  return character === "\u0130" ? "i" : character;
}

export function mapCharacters(text: string, change: (character: string) => string): string {
  return Array.from(text, change).join("");
}
