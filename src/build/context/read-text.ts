import { closeSync, readSync } from "node:fs";

import { openContent } from "../../archive/open-content.ts";
import type { TreeEntry } from "./file-tree.ts";

const LIMIT_BYTES = 4 * 1024 * 1024;

/** A small text file of a tree; what is beyond four megabytes is cut off. Empty for what has no content. */
export function readText({ content }: Pick<TreeEntry, "content">): string {
  if (content === undefined) return "";
  if (content instanceof Uint8Array) return Buffer.from(content).toString("utf8");
  const { descriptor } = openContent(content);
  try {
    const buffer = Buffer.alloc(Math.min(content.length, LIMIT_BYTES));
    const length = readSync(descriptor, buffer, 0, buffer.byteLength, content.offset);
    return buffer.toString("utf8", 0, length);
  } finally {
    closeSync(descriptor);
  }
}
