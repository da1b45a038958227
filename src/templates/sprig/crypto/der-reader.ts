import { FunctionError } from "../../error.ts";

/** One element of DER: its tag, all of its bytes and those behind its length. */
export interface DerElement {
  readonly tag: number;
  readonly bytes: Uint8Array;
  readonly content: Uint8Array;
}

/** The elements that lie one behind the other. @throws {FunctionError} when lengths do not fit. */
export function readDer(bytes: Uint8Array): readonly DerElement[] {
  const elements: DerElement[] = [];
  for (let at = 0; at < bytes.length;) {
    const { headerLength, contentLength } = readHeader(bytes.subarray(at));
    const end = at + headerLength + contentLength;
    if (end > bytes.length) throw new FunctionError("asn1: syntax error: data truncated");
    elements.push({
      tag: bytes[at] ?? 0,
      bytes: bytes.subarray(at, end),
      content: bytes.subarray(at + headerLength, end),
    });
    at = end;
  }
  return elements;
}

function readHeader(bytes: Uint8Array): { readonly headerLength: number; readonly contentLength: number } {
  const first = bytes[1] ?? 0;
  if (first < 0x80) return { headerLength: 2, contentLength: first };
  const count = first & 0x7f;
  const digits = bytes.subarray(2, 2 + count);
  return { headerLength: 2 + count, contentLength: digits.reduce((length, byte) => length * 256 + byte, 0) };
}

/** The element at a path of indexes into nested elements. */
export function derAt(bytes: Uint8Array, path: readonly number[]): DerElement {
  let elements = readDer(bytes);
  let found: DerElement | undefined;
  for (const index of path) {
    found = elements[index];
    if (!found) throw new FunctionError("asn1: structure error: an element is missing");
    const isConstructed = (found.tag & 0x20) !== 0;
    elements = isConstructed ? readDer(found.content) : [];
  }
  if (!found) throw new FunctionError("asn1: structure error: an element is missing");
  return found;
}
