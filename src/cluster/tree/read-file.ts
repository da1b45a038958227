import { open } from "node:fs/promises";

import type { Context } from "../../base/context.ts";
import { InputError } from "../../base/error.ts";
import type { HostFile, HostTree } from "./host-tree.ts";

/** Templates, manifests and configuration are small; what is larger is not read into memory. */
const TEXT_LIMIT_BYTES = 16 * 1024 * 1024;

/** @throws {InputError} when `path` is not a file of the tree, or too large to be a text. */
export async function readText(ctx: Context, tree: HostTree, path: string): Promise<string> {
  const entry = tree.get(path);
  if (entry?.type !== "file") throw new InputError(`Cannot read "${path}": the image has no such file`);
  if (entry.size > TEXT_LIMIT_BYTES) {
    throw new InputError(`Cannot read "${path}": ${entry.size} bytes, at most ${TEXT_LIMIT_BYTES} are a text`);
  }
  return (await readContent(ctx, entry)).toString("utf8");
}

/** @returns undefined when the tree has no such file. */
export async function findText(ctx: Context, tree: HostTree, path: string): Promise<string | undefined> {
  return tree.get(path)?.type === "file" ? readText(ctx, tree, path) : undefined;
}

async function readContent(ctx: Context, { content }: HostFile): Promise<Buffer> {
  ctx.signal.throwIfAborted();
  if (Buffer.isBuffer(content)) return content;
  const file = await open(content.path);
  try {
    const buffer = Buffer.alloc(content.length);
    await file.read(buffer, 0, content.length, content.offset);
    return buffer;
  } finally {
    await file.close();
  }
}
