import { encodeBytes, isByteEscape } from "../value/bytes.ts";
import { isPrint } from "../value/quote.ts";

const HTML: Readonly<Record<string, string>> = {
  "\0": "\ufffd",
  '"': "&#34;",
  "'": "&#39;",
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
};

export function escapeHtml(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/["'&<>\u0000]/g, (character) => HTML[character] ?? "");
}

/** Escapes for a JavaScript string as Go's `js` does. */
export function escapeJavaScript(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\\'"<>&=]|[^\u0000-\u007f]/gu, (character) => {
    if (character === "\\" || character === "'" || character === '"') return `\\${character}`;
    const code = character.codePointAt(0) ?? 0;
    if (code > 0x7f && (isPrint(character) || isByteEscape(code))) return character;
    return `\\u${code.toString(16).toUpperCase().padStart(4, "0")}`;
  });
}

/** Go's `url.QueryEscape`: a blank is a plus sign. */
export function escapeQuery(text: string): string {
  return percentEncode(text, /[A-Za-z0-9\-_.~]/).replaceAll("%20", "+");
}

/** Percent-encodes every byte whose character is not allowed. */
export function percentEncode(text: string, allowed: RegExp): string {
  let encoded = "";
  for (const byte of encodeBytes(text)) {
    const character = String.fromCharCode(byte);
    encoded += byte < 0x80 && allowed.test(character) ? character : `%${hexByte(byte)}`;
  }
  return encoded;
}

function hexByte(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, "0");
}
