import { randomBytes } from "node:crypto";
import { mkdir, open, rename, rm, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import { fileChunks } from "../archive/file-chunks.ts";
import { toSystemPath } from "../archive/path-bytes.ts";
import type { Context } from "../base/context.ts";
import { writing } from "../base/disk-error.ts";
import type { TreeEntry, TreeFile } from "./image-tree.ts";

/**
 * Writes an image's files to a new folder, which is there when they all are; modes are kept, owners are not.
 * The tree has no path through a link, so nothing is written outside of the folder.
 */
export async function unpackTree(ctx: Context, tree: ReadonlyMap<string, TreeEntry>, folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  const temporary = join(dirname(folder), `.${basename(folder)}.${randomBytes(6).toString("hex")}.tmp`);
  try {
    await writing(temporary, async () => {
      await mkdir(temporary, { mode: 0o755 });
      // Sorted by path: a folder comes before what is in it.
      for (const entry of tree.values()) await writeEntry(ctx, entry, join(temporary, entry.path));
    });
    await rename(temporary, folder);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function writeEntry(ctx: Context, entry: TreeEntry, path: string): Promise<void> {
  switch (entry.type) {
    case "directory":
      // The owner must be able to fill it.
      await mkdir(toSystemPath(path), { mode: (entry.mode & 0o777) | 0o700 });
      return;
    case "symlink":
      return symlink(toSystemPath(entry.target), toSystemPath(path));
    case "file":
      return writeFile(ctx, entry, path);
  }
}

async function writeFile(ctx: Context, { content, mode }: TreeFile, path: string): Promise<void> {
  const file = await open(toSystemPath(path), "wx", mode & 0o777);
  try {
    for await (const chunk of fileChunks(ctx, content)) {
      for (let done = 0; done < chunk.byteLength;) done += (await file.write(chunk, done)).bytesWritten;
    }
    await file.chmod(mode & 0o777);
  } finally {
    await file.close();
  }
}
