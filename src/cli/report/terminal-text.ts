import { printable } from "../../base/text.ts";

/** Text from anywhere as part of one terminal line: no control characters, no line breaks. */
export function toOneLine(text: string): string {
  return printable(text.trimEnd().replaceAll(/\s+/g, " "));
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const NARROWLESS = /[\p{Mn}\p{Me}\p{Cf}]/u;

/** How many terminal columns the text takes. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += widthOfCharacter(character);
  return width;
}

/** The text cut to `columns`, with `…` where something is missing. */
export function fit(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let width = 0;
  let fitting = "";
  for (const character of text) {
    width += widthOfCharacter(character);
    if (width > columns - 1) break;
    fitting += character;
  }
  return columns > 0 ? `${fitting}…` : "";
}

function widthOfCharacter(character: string): number {
  if (character >= " " && character <= "~") return 1;
  if (NARROWLESS.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
