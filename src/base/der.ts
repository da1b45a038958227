/** Distinguished Encoding Rules, as much as certificates need. ITU-T X.690 */

export function derSequence(...parts: readonly Uint8Array[]): Buffer {
  return derElement(0x30, Buffer.concat(parts));
}

export function derSet(...parts: readonly Uint8Array[]): Buffer {
  return derElement(0x31, Buffer.concat(parts));
}

/** A positive integer from its big-endian bytes. */
export function derInteger(value: Uint8Array): Buffer {
  const start = value.findIndex((byte) => byte !== 0);
  const bytes = start < 0 ? Buffer.from([0]) : Buffer.from(value.subarray(start));
  return derElement(0x02, (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}

export function derBoolean(value: boolean): Buffer {
  return derElement(0x01, Buffer.from([value ? 0xff : 0]));
}

/** An object identifier in dotted form. */
export function derObjectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return derElement(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

export function derUtf8String(text: string): Buffer {
  return derElement(0x0c, Buffer.from(text));
}

export function derOctetString(content: Uint8Array): Buffer {
  return derElement(0x04, content);
}

/** @param unusedBits of the last byte. */
export function derBitString(content: Uint8Array, unusedBits = 0): Buffer {
  return derElement(0x03, Buffer.concat([Buffer.from([unusedBits]), content]));
}

/** UTCTime until 2049, GeneralizedTime from 2050. RFC 5280, 4.1.2.5 */
export function derTime(time: Date): Buffer {
  const digits = time.toISOString().replace(/\.\d+/, "").replaceAll(/[-:T]/g, "");
  return time.getUTCFullYear() < 2050
    ? derElement(0x17, Buffer.from(digits.slice(2)))
    : derElement(0x18, Buffer.from(digits));
}

/** A context-specific tag; `constructed` when it wraps other elements. */
export function derContext(tag: number, content: Uint8Array, constructed: boolean): Buffer {
  return derElement((constructed ? 0xa0 : 0x80) | tag, content);
}

function derElement(tag: number, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([tag, ...derLength(content.byteLength)]), content]);
}

function derLength(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [0x80 | bytes.length, ...bytes];
}

function base128(value: number): number[] {
  const bytes = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) bytes.unshift((rest % 128) | 0x80);
  return bytes;
}
