import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { writeFileAtomic } from "../base/atomic-file.ts";
import type { Context } from "../base/context.ts";
import { writing } from "../base/disk-error.ts";
import { withFileLock } from "../base/file-lock.ts";
import type { ImageIndex } from "../oci/manifest.ts";
import { INDEX_FILE, parseIndexFile, renderIndexFile } from "./layout.ts";

const LOCK_FILE = "lock";

/** The index of the layout in a folder, as it is now. */
export async function readIndex(root: string): Promise<ImageIndex> {
  return parseIndexFile(await readFile(join(root, INDEX_FILE)));
}

/** A new index, and what is done once it is written; the same index as before is not written again. */
export interface IndexChange<T> {
  readonly index: ImageIndex;
  readonly finish: () => Promise<T>;
}

/** Changes the index while nobody else does; readers see the old one or the new one. */
export async function updateIndex<T>(
  ctx: Context,
  root: string,
  change: (index: ImageIndex) => Promise<IndexChange<T>>,
): Promise<T> {
  return writing(root, () =>
    withFileLock(ctx, join(root, LOCK_FILE), async () => {
      const before = await readIndex(root);
      const { index, finish } = await change(before);
      if (index !== before) await writeFileAtomic(join(root, INDEX_FILE), renderIndexFile(index));
      return finish();
    }),
  );
}
