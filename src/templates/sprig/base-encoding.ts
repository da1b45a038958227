import { encodeBytes } from "../value/bytes.ts";

const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Go's strict decoder: line breaks are skipped, padding is required. A text is the error. */
export function decodeBase64(text: string): Uint8Array | string {
  const corrupt = findCorruption(encodeBytes(text));
  if (corrupt !== undefined) return `illegal base64 data at input byte ${corrupt}`;
  return Buffer.from(text.replace(/[\r\n]/g, ""), "base64");
}

function isBreak(byte: number | undefined): boolean {
  return byte === 10 || byte === 13;
}

/** Offset of the first byte that Go complains about. */
function findCorruption(source: Uint8Array): number | undefined {
  const skipBreaks = (from: number): number => {
    let at = from;
    while (isBreak(source[at])) at++;
    return at;
  };
  let count = 0;
  for (let at = 0; at < source.length; at++) {
    const character = String.fromCharCode(source[at] ?? 0);
    if (isBreak(source[at])) continue;
    if (BASE64.includes(character)) {
      count++;
      continue;
    }
    if (character !== "=" || count % 4 < 2) return at;
    let next = skipBreaks(at + 1);
    if (count % 4 === 2) {
      if (next === source.length) return next;
      if (source[next] !== 61) return next - 1;
      next++;
    }
    next = skipBreaks(next);
    return next < source.length ? next : undefined;
  }
  return count % 4 === 0 ? undefined : source.length - (count % 4);
}

export function encodeBase32(bytes: Uint8Array): string {
  let bits = "";
  for (const byte of bytes) bits += byte.toString(2).padStart(8, "0");
  const groups = bits.match(/.{1,5}/g) ?? [];
  const encoded = groups.map((group) => BASE32[Number.parseInt(group.padEnd(5, "0"), 2)]).join("");
  return encoded.padEnd(Math.ceil(encoded.length / 8) * 8, "=");
}

/** As {@link decodeBase64}. */
export function decodeBase32(text: string): Uint8Array | string {
  const source = text.replace(/[\r\n]/g, "");
  const corrupt = findBase32Corruption(source);
  if (corrupt !== undefined) return `illegal base32 data at input byte ${corrupt}`;
  const digits = Array.from(source.replace(/=+$/, ""), (character) => BASE32.indexOf(character));
  const bits = digits.map((digit) => digit.toString(2).padStart(5, "0")).join("");
  return Uint8Array.from((bits.match(/.{8}/g) ?? []).map((group) => Number.parseInt(group, 2)));
}

function findBase32Corruption(source: string): number | undefined {
  for (let at = 0; at < source.length; at++) {
    const character = source[at] ?? "";
    const inGroup = at % 8;
    const rest = source.length - at - 1;
    if (character === "=" && inGroup >= 2 && rest < 8) return findPaddingProblem(source, at, inGroup);
    if (!BASE32.includes(character)) return at;
  }
  return source.length % 8 === 0 ? undefined : source.length - (source.length % 8);
}

function findPaddingProblem(source: string, at: number, inGroup: number): number | undefined {
  const rest = source.length - at - 1;
  if (rest + inGroup < 7) return source.length;
  for (let offset = 0; offset < 7 - inGroup; offset++) {
    if (offset < rest && source[at + 1 + offset] !== "=") return at + offset;
  }
  return [1, 3, 6].includes(inGroup) ? at : undefined;
}
