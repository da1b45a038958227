import { isUtf8 } from "node:buffer";

const LONE_LOW_SURROGATE = /(?<![\ud800-\udbff])[\udc80-\udcff]/;

/**
 * File names are bytes. What is UTF-8 becomes its text; a byte that is not becomes the lone surrogate U+DC80 to U+DCFF,
 * which no UTF-8 text contains, so that `encodePath` gives the same bytes back (Python calls it surrogateescape).
 */
export function decodePath(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isUtf8(buffer)) return buffer.toString("utf8");
  let text = "";
  let position = 0;
  while (position < buffer.byteLength) {
    const length = sequenceLength(buffer, position);
    text +=
      length === 0
        ? String.fromCharCode(0xdc00 + (buffer[position] ?? 0))
        : buffer.toString("utf8", position, position + length);
    position += Math.max(1, length);
  }
  return text;
}

/** The bytes of a name that came from `decodePath` or is ordinary text. */
export function encodePath(path: string): Buffer {
  if (!LONE_LOW_SURROGATE.test(path)) return Buffer.from(path, "utf8");
  const parts: Buffer[] = [];
  for (const character of path) {
    const code = character.codePointAt(0) ?? 0;
    parts.push(code >= 0xdc80 && code <= 0xdcff ? Buffer.from([code - 0xdc00]) : Buffer.from(character, "utf8"));
  }
  return Buffer.concat(parts);
}

/** The name as the file system calls take it. */
export function toSystemPath(path: string): string | Buffer {
  return LONE_LOW_SURROGATE.test(path) ? encodePath(path) : path;
}

/** Length of the valid UTF-8 sequence at `position`, zero when there is none. */
function sequenceLength(buffer: Buffer, position: number): number {
  for (let length = 1; length <= 4 && position + length <= buffer.byteLength; length++) {
    if (isUtf8(buffer.subarray(position, position + length))) return length;
  }
  return 0;
}
