import { InputError } from "../base/error.ts";

/**
 * Finds the SHA-256 of a file in what its project publishes: a bare hash, or lines of `sha256sum` (also inside a signed
 * message). @throws {InputError} when there is none, or not exactly one.
 */
export function parsePublishedChecksum(text: string, fileName: string): string {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const found = new Set<string>();
  for (const line of lines) {
    const [, hash, name] = /^([0-9a-fA-F]{64})(?:\s+\*?(\S+))?$/.exec(line) ?? [];
    if (hash === undefined) continue;
    if (name === undefined || name.split("/").at(-1) === fileName) found.add(hash.toLowerCase());
  }
  const [hash, ...others] = found;
  if (hash !== undefined && others.length === 0) return hash;
  throw new InputError(`Cannot use the published checksum of "${fileName}": expected one SHA-256, found ${found.size}`);
}

/** Where a checksum is: a URL, or a suffix of the file's own such as `.sha256`. */
export function checksumUrl(url: string, checksum: string): string {
  return checksum.startsWith(".") ? url + checksum : checksum;
}
