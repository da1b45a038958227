import { findReference, namesRegistry } from "../../oci/reference.ts";

/**
 * How sure the place of a text makes it that it is an image: `image`, the field says so and any name will do;
 * `likely`, it must have a tag, a digest or a registry; `unlikely`, it must have a registry and a tag or digest.
 */
export type Expectation = "image" | "likely" | "unlikely";

/** Words that stand for an image which something else fills in, as Istio's injector does with `auto`. */
const PLACEHOLDERS = new Set(["auto", "none", "null", "true", "false"]);

/** True when a text, found where `expectation` says, names an image. */
export function isImageText(text: string, expectation: Expectation): boolean {
  if (PLACEHOLDERS.has(text) || /^https?:/.test(text)) return false;
  const reference = findReference(text);
  if (!reference) return false;
  const isPinned = reference.digest !== undefined || /:[^/]+$/.test(text);
  const hasRegistry = namesRegistry(text) && isHost(reference.registry);
  if (expectation === "image") return true;
  return expectation === "likely" ? isPinned || hasRegistry : isPinned && hasRegistry;
}

/** A name with a top-level domain, an address, or a port: `a.b/c` can be anything, `a.io/b/c` seldom is. */
function isHost(registry: string): boolean {
  return /^localhost(?::\d+)?$|:\d+$|\.[a-z]{2,}$|^\d+(?:\.\d+){3}$/.test(registry);
}
