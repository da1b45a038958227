import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";

import type { Context } from "../../base/context.ts";
import { InputError, systemCode } from "../../base/error.ts";
import type { HostTree, HostTreeEntry } from "./host-tree.ts";

const READ_BYTES = 1024 * 1024;

/** A file or folder of this machine as the tree `{name: …}`. Sockets and devices are left out. */
export async function readDiskTree(ctx: Context, path: string, name: string): Promise<HostTree> {
  const tree = new Map<string, HostTreeEntry>();
  try {
    await addEntry(ctx, tree, { path, name });
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    throw new InputError(`Cannot read "${path}": ${systemCode(error)}`, { cause: error });
  }
  return tree;
}

async function addEntry(
  ctx: Context,
  tree: Map<string, HostTreeEntry>,
  { path, name }: { path: string; name: string },
): Promise<void> {
  ctx.signal.throwIfAborted();
  const stats = await lstat(path);
  const mode = stats.mode & 0o7777;
  if (stats.isSymbolicLink()) tree.set(name, { type: "symlink", target: await readlink(path) });
  if (stats.isFile()) {
    const content = { path, offset: 0, length: stats.size };
    tree.set(name, { type: "file", mode, size: stats.size, sha256: await hashFile(ctx, path), content });
  }
  if (!stats.isDirectory()) return;
  tree.set(name, { type: "directory", mode });
  for (const child of (await readdir(path)).toSorted()) {
    await addEntry(ctx, tree, { path: join(path, child), name: `${name}/${child}` });
  }
}

async function hashFile(ctx: Context, path: string): Promise<string> {
  const hash = createHash("sha256");
  const stream = createReadStream(path, { highWaterMark: READ_BYTES, signal: ctx.signal });
  for await (const chunk of stream) hash.update(chunk);
  return hash.digest("hex");
}
