/**
 * Go strings are bytes, ours are UTF-16. A byte that is not part of valid UTF-8 (after `trunc`, `slice` or `b64dec` cut a
 * character) is carried as a lone low surrogate U+DC80..U+DCFF, which valid text never contains, and becomes that byte
 * again when the text is encoded.
 */
const ESCAPE = 0xdc00;

// oxlint-disable-next-line no-control-regex
const NOT_ASCII = /[^\u0000-\u007f]/;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

export function isAscii(text: string): boolean {
  return !NOT_ASCII.test(text);
}

/** Text from JavaScript, whose lone surrogates become U+FFFD because they mean nothing to Go. */
export function fromJavaScript(text: string): string {
  return LONE_SURROGATE.test(text) ? text.toWellFormed() : text;
}

export function encodeBytes(text: string): Uint8Array {
  const encoded = new TextEncoder();
  if (!LONE_SURROGATE.test(text)) return encoded.encode(text);
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (isByteEscape(code)) bytes.push(code - ESCAPE);
    else bytes.push(...encoded.encode(character));
  }
  return Uint8Array.from(bytes);
}

export function decodeBytes(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return decodeEscaping(bytes);
  }
}

function decodeEscaping(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at);
    if (length === 0) text += String.fromCharCode(ESCAPE + (bytes[at] ?? 0));
    else text += new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(at, at + length));
    at += length || 1;
  }
  return text;
}

/** Length of the valid UTF-8 sequence at `at`, 0 when there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  const length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (length < 2) return length;
  const second = bytes[at + 1] ?? 0;
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (let offset = 2; offset < length; offset++) {
    if (((bytes[at + offset] ?? 0) & 0xc0) !== 0x80) return 0;
  }
  return length;
}

/** Whether the code point stands for one byte that is not valid UTF-8. */
export function isByteEscape(code: number): boolean {
  return code >= 0xdc80 && code <= 0xdcff;
}

export function byteLength(text: string): number {
  if (isAscii(text)) return text.length;
  let length = 0;
  for (const character of text) length += codePointBytes(character.codePointAt(0) ?? 0);
  return length;
}

function codePointBytes(code: number): number {
  if (code < 0x80 || isByteEscape(code)) return 1;
  return code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

/** `text[start:end]` of Go: offsets count bytes. */
export function sliceBytes(text: string, start: number, end?: number): string {
  if (isAscii(text)) return text.slice(start, end);
  return decodeBytes(encodeBytes(text).subarray(start, end));
}

/** The characters of a Go string: each invalid byte is one U+FFFD, as `range` and `[]rune` see it. */
export function runesOf(text: string): string[] {
  const runes = Array.from(text);
  return LONE_SURROGATE.test(text)
    ? runes.map((rune) => (isByteEscape(rune.codePointAt(0) ?? 0) ? "\ufffd" : rune))
    : runes;
}

/** Order of the bytes, which differs from JavaScript's order where surrogates take part. */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left === right) continue;
    if (left < 0xd800 || right < 0xd800) return left - right;
    return compareBytes(encodeBytes(a), encodeBytes(b));
  }
  return a.length - b.length;
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
