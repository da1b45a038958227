import { InputError, messageOf } from "../../base/error.ts";
import { parseReference, renderReference, type Reference } from "../../oci/reference.ts";
import type { FileTree } from "../context/file-tree.ts";
import { readText } from "../context/read-text.ts";
import { walkTree } from "../context/walk-tree.ts";

/** An image that a list in the build context asks for. */
export interface ListedImage {
  /** In its canonical form. */
  readonly name: string;
  readonly reference: Reference;
  /** In the build context, and the line in it, from 1. */
  readonly file: string;
  readonly line: number;
}

const LISTS_FOLDER = "images/shim";
const IGNORE_FILE = ".sealignore";
const PREFIX = /^(containers-storage:|docker:\/\/)/;

/**
 * The images that the files below `images/shim` name, one a line, each image once. Empty lines and those that begin with
 * `#` are left out, as is what `.sealignore` names, as written or in its canonical form.
 * @throws {InputError} with every line that is not the name of an image
 */
export function listImages(context: FileTree): readonly ListedImage[] {
  const ignored = new Set(linesOf(readFile(context, IGNORE_FILE)).map(({ text }) => text));
  const problems: string[] = [];
  const images = new Map<string, ListedImage>();
  for (const [file, entry] of walkTree(context, LISTS_FOLDER)) {
    if (entry.type !== "file") continue;
    for (const { text, line } of linesOf(readText(entry))) {
      try {
        const image = toImage(text, { file, line });
        const isIgnored = ignored.has(text) || ignored.has(image.name);
        if (!isIgnored && !images.has(image.name)) images.set(image.name, image);
      } catch (error) {
        problems.push(`${file}:${line}: ${messageOf(error)}`);
      }
    }
  }
  if (problems.length === 0) return [...images.values()];
  throw new InputError(`Cannot read the image lists:\n${problems.join("\n")}`, {
    hint: "Write one image a line, for instance registry.k8s.io/pause:3.10",
  });
}

function toImage(text: string, place: { file: string; line: number }): ListedImage {
  const reference = parseReference(text.replace(PREFIX, ""));
  return { name: renderReference(reference), reference, ...place };
}

function readFile(tree: FileTree, path: string): string {
  return readText(tree.find(path) ?? {});
}

/** Lines that say something, blanks and one pair of quotes around them taken away. */
function linesOf(text: string): { text: string; line: number }[] {
  return text
    .split("\n")
    .map((line, index) => ({ text: unquote(line.replace(/^\ufeff/, "").trim()), line: index + 1 }))
    .filter((line) => line.text !== "" && !line.text.startsWith("#"));
}

function unquote(text: string): string {
  return /^(["'])(.*)\1$/.exec(text)?.[2]?.trim() ?? text;
}
