import type { ByteRange } from "../storage/storage.ts";

/**
 * The one range that a Range header asks for; several at once, or another unit, are answered with everything.
 * https://www.rfc-editor.org/rfc/rfc9110#section-14.2
 */
export function parseRange(
  header: string | string[] | undefined,
  sizeBytes: number,
): ByteRange | "unsatisfiable" | undefined {
  const parts = typeof header === "string" ? /^bytes=(\d*)-(\d*)$/.exec(header.trim()) : undefined;
  if (!parts) return undefined;
  const [, first = "", last = ""] = parts;
  if (first === "" && last === "") return undefined;
  if (first === "") return lastBytes(Number(last), sizeBytes);
  const range = { first: Number(first), last: last === "" ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1) };
  if (last !== "" && Number(last) < range.first) return undefined;
  return range.first < sizeBytes ? range : "unsatisfiable";
}

function lastBytes(count: number, sizeBytes: number): ByteRange | "unsatisfiable" {
  if (count === 0 || sizeBytes === 0) return "unsatisfiable";
  return { first: Math.max(0, sizeBytes - count), last: sizeBytes - 1 };
}

/** The bytes that a chunk of an upload says to be, both ends included. @returns undefined when it is malformed. */
export function parseContentRange(header: string): ByteRange | undefined {
  const parts = /^(?:bytes[ =])?(\d+)-(\d+)(?:\/(?:\d+|\*))?$/.exec(header.trim());
  if (!parts) return undefined;
  const range = { first: Number(parts[1]), last: Number(parts[2]) };
  return range.first <= range.last ? range : undefined;
}
