import { printable } from "../base/text.ts";
import { UnsafeArchiveError } from "./errors.ts";

/**
 * A member's name as a clean relative path: `./a//b/` is `a/b`, the root itself is the empty string.
 * @throws {UnsafeArchiveError} when the name is absolute or has a `..` part or a NUL.
 */
export function safePath(name: string): string {
  if (name.startsWith("/")) throw unsafe(name, "it is absolute");
  if (name.includes("\0")) throw unsafe(name, "it contains a NUL byte");
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw unsafe(name, 'it contains a ".." part');
  return parts.join("/");
}

function unsafe(name: string, reason: string): UnsafeArchiveError {
  return new UnsafeArchiveError(`Cannot use archive member "${printable(name)}": ${reason}`, {
    hint: "Make the archive again with relative names, from inside the folder",
  });
}
