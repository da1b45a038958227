import { renderReference, type Reference } from "../../oci/reference.ts";
import type { FileTree } from "../context/file-tree.ts";
import { linesOf } from "./lines.ts";
import { readText } from "../context/read-text.ts";

const IGNORE_FILE = ".sealignore";

/**
 * Reads `.sealignore` of a build context: one image a line, as it is written where it is named or in its canonical form,
 * with or without its digest; `*` is any text. Empty lines and those that begin with `#` do not count.
 */
export function readIgnoredImages(context: FileTree): (text: string, reference: Reference) => boolean {
  const patterns = linesOf(readText(context.find(IGNORE_FILE) ?? {})).map(({ text }) => toPattern(text));
  return (text, reference) => {
    const { digest, ...tagged } = reference;
    const forms = [text, renderReference(reference), ...(digest === undefined ? [] : [renderReference(tagged)])];
    return patterns.some((pattern) => forms.some((form) => pattern.test(form)));
  };
}

function toPattern(text: string): RegExp {
  const parts = text.split(/\*+/).map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join(".*")}$`);
}
