import type { FileTree } from "../context/file-tree.ts";
import { readText } from "../context/read-text.ts";
import { walkTree } from "../context/walk-tree.ts";
import type { Mention } from "./scanned-image.ts";
import { findTemplateImages, type TemplateData } from "./template-images.ts";
import { findYamlImages } from "./yaml-images.ts";

const MANIFESTS_FOLDER = "manifests";
const MANIFEST = /\.(?:ya?ml|json|tmpl)$/i;

/** The images that the files below `manifests` name; templates are rendered with `data` first. */
export function findManifestImages(
  context: FileTree,
  data: TemplateData,
): { readonly mentions: readonly Mention[]; readonly notes: readonly string[] } {
  const mentions: Mention[] = [];
  const notes: string[] = [];
  for (const [file, entry] of walkTree(context, MANIFESTS_FOLDER)) {
    if (entry.type !== "file" || !MANIFEST.test(file)) continue;
    const text = readText(entry);
    const found = /\.tmpl$/i.test(file)
      ? findTemplateImages(text, { name: file, data })
      : { images: findYamlImages(text), note: undefined };
    mentions.push(...found.images.map(({ text, line }) => ({ text, place: { file, line } })));
    if (found.note !== undefined) notes.push(found.note);
  }
  return { mentions, notes };
}
