import { isImageText } from "./image-text.ts";
import type { ImageLine } from "./yaml-images.ts";

const FIELD = /^\s*(?:-\s+|[{,]\s*)*["']?([\w.-]*image)["']?\s*:\s*(\S.*)$/i;

/** Reads a text that is no YAML, such as a template, by the line: `image: NAME`, `"image": "NAME",` and the like. */
export function findImageLines(text: string): ImageLine[] {
  return text.split("\n").flatMap((line, index) => {
    const [, key = "", value = ""] = FIELD.exec(line) ?? [];
    const name = valueOf(value);
    const isImage = name !== "" && isImageText(name, /^image$/i.test(key) ? "image" : "likely");
    return isImage ? [{ text: name, line: index + 1 }] : [];
  });
}

/** Without quotes, a comma or a comment behind it. */
function valueOf(text: string): string {
  const quoted = /^(["'])(.*?)\1\s*[,}\]]*\s*(?:#.*)?$/.exec(text)?.[2];
  return quoted ?? text.replace(/\s+#.*$/, "").replace(/[,}\]\s]+$/, "");
}
