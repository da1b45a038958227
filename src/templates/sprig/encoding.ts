import { createHash } from "node:crypto";
import { fixed, functionTable } from "../function.ts";
import { decodeBytes, encodeBytes } from "../value/bytes.ts";

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

function encodeBase64(text: string): string {
  return Buffer.from(encodeBytes(text)).toString("base64");
}

/** Go's strict decoder, which skips line breaks; what is wrong comes back as the text. */
export function decodeBase64(text: string): Uint8Array | string {
  const stripped = text.replace(/[\r\n]/g, "");
  const bad = firstCorruption(text, stripped, 4, /[A-Za-z0-9+/]/);
  return bad === undefined ? Buffer.from(stripped, "base64") : `illegal base64 data at input byte ${bad}`;
}

function firstCorruption(text: string, stripped: string, size: number, alphabet: RegExp): number | undefined {
  const body = stripped.replace(/=+$/, "");
  const wrong = Array.from(text).findIndex((character, at) => {
    if (/[\r\n]/.test(character)) return false;
    return at < text.indexOf("=") || !text.includes("=") ? !alphabet.test(character) : false;
  });
  if (wrong >= 0) return wrong;
  const isComplete = stripped.length % size === 0 && body.length % size !== 1 && stripped.length - body.length <= 2;
  if (isComplete && !body.includes("=")) return undefined;
  return Math.floor(stripped.length / size) * size === stripped.length
    ? body.length
    : Math.min(text.length, body.length + (stripped.length % size));
}

function encodeBase32(text: string): string {
  let bits = "";
  for (const byte of encodeBytes(text)) bits += byte.toString(2).padStart(8, "0");
  const groups = bits.match(/.{1,5}/g) ?? [];
  const encoded = groups.map((group) => BASE32[Number.parseInt(group.padEnd(5, "0"), 2)]).join("");
  return encoded.padEnd(Math.ceil(encoded.length / 8) * 8, "=");
}

function decodeBase32(text: string): string {
  const stripped = text.replace(/[\r\n]/g, "");
  const wrong = Array.from(stripped).findIndex((character) => !BASE32.includes(character) && character !== "=");
  const body = stripped.replace(/=+$/, "");
  if (wrong >= 0) return `illegal base32 data at input byte ${wrong}`;
  if (stripped.length % 8 !== 0 || body.includes("=")) return `illegal base32 data at input byte ${body.length}`;
  const bits = Array.from(body, (character) => BASE32.indexOf(character).toString(2).padStart(5, "0")).join("");
  const bytes = (bits.match(/.{8}/g) ?? []).map((group) => Number.parseInt(group, 2));
  return decodeBytes(Uint8Array.from(bytes));
}

function adler32(text: string): string {
  let a = 1;
  let b = 0;
  for (const byte of encodeBytes(text)) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return String(b * 65536 + a);
}

function hash(algorithm: string, text: string): string {
  return createHash(algorithm).update(encodeBytes(text)).digest("hex");
}

export const encodingFunctions = functionTable({
  b64enc: fixed(["string"], encodeBase64),
  b64dec: fixed(["string"], (text) => {
    const decoded = decodeBase64(text);
    return typeof decoded === "string" ? decoded : decodeBytes(decoded);
  }),
  b32enc: fixed(["string"], encodeBase32),
  b32dec: fixed(["string"], decodeBase32),
  sha1sum: fixed(["string"], (text) => hash("sha1", text)),
  sha256sum: fixed(["string"], (text) => hash("sha256", text)),
  sha512sum: fixed(["string"], (text) => hash("sha512", text)),
  adler32sum: fixed(["string"], adler32),
});
