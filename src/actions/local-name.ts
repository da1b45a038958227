import { namesRegistry, parseReference, renderReference, type Reference } from "../oci/reference.ts";

/** The canonical name of an image that is made on this machine: without a registry it belongs to `localhost`. */
export function toLocalName(text: string): string {
  return renderReference(parseReference(namesRegistry(text) ? text : `localhost/${text}`));
}

/** The reference that a name means to a registry; `docker://` in front of it is dropped. */
export function toRemoteReference(text: string): Reference {
  return parseReference(withoutTransport(text));
}

/** A name of a registry's image as one writes it without `docker://`. */
export function withoutTransport(text: string): string {
  return text.replace(/^docker:\/\//, "");
}
